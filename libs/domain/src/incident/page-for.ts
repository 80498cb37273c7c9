import { assertUnreachable } from '../assert-unreachable.js';
import type { Incident, MemberChange, Telling, ToldPage } from './incident.js';

/** A change that people are told of. */
export type Page = {
  readonly page: number;
  /** Told before it, since the incident was last closed: whoever was told of those is not to be told of this one first. */
  readonly earlier: readonly ToldPage[];
};

/** Null: nobody is told. */
export type Paging = { readonly page: Page | null; readonly telling: Telling };

/** An incident that was told as closed is told as detected again once. */
const ROUNDS = 2;

/**
 * Whether a member's change is told to people. `isOver`: no member is open any more. A violation alone tells every change. Together they
 * tell the first of each kind, and the change that closes the last of them.
 */
export function pageFor(
  { members, telling }: Pick<Incident, 'members' | 'telling'>,
  change: MemberChange,
  isOver: boolean,
): Paging {
  const closes = closesMember(change);
  if (members > 1 && !isNews(telling, change, isOver)) return { page: null, telling };
  const page = telling.pages + 1;
  const open = telling.latest.filter((one) => !one.closes);
  const told: ToldPage = closes
    ? { page, changes: [...new Set([change, ...open.flatMap(({ changes }) => changes)])], closes }
    : { page, changes: [change], closes };
  return {
    page: { page, earlier: telling.latest },
    telling: {
      pages: page,
      closings: telling.closings + (closes ? 1 : 0),
      // Where one violation fails again and again, the last time stands for all.
      latest: closes ? [told] : [...telling.latest.filter((one) => one.closes || one.changes[0] !== change), told],
    },
  };
}

/** After these nobody has anything left to do for a violation. */
export function closesMember(change: MemberChange): boolean {
  switch (change) {
    case 'restored':
    case 'selfHealed':
    case 'accepted':
    case 'waived':
    case 'withdrawn':
      return true;
    case 'detected':
    case 'restoring':
    case 'audited':
    case 'failed':
    case 'fight':
      return false;
    default:
      return assertUnreachable(change);
  }
}

function isNews(telling: Telling, change: MemberChange, isOver: boolean): boolean {
  const open = telling.latest.filter(({ closes }) => !closes);
  if (closesMember(change)) return isOver && open.length > 0;
  if (change === 'restoring' || open.some(({ changes }) => changes.includes(change))) return false;
  // What is not put back by itself is told in every round: whoever was told that all is well must hear that it is not.
  return change !== 'detected' || telling.closings < ROUNDS;
}
