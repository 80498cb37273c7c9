import type { WaiverBody } from '#contracts';
import { addMs, compileWaiver, type Instant } from '#domain';
import type { Waiver, WaiverKeeping } from '../ports/waiver-keeping.js';
import { WaiverNotApprovableError, WaiverNotRevocableError, WaiverTimesInvalidError } from './waiver.errors.js';

/** A permission that lasts longer is an exclusion, and belongs into the rule. */
const LONGEST_DAYS = 90;
const DAY_MS = 86_400_000;

export type WaiverPolicy = { readonly alwaysNeedsApproval: boolean };
type Who = { readonly by: string; readonly at: Instant };

/** Throws `RULE_MALFORMED` where its selectors are, and `WAIVER_TIMES_INVALID`. It permits nothing that was done before now. */
export async function createWaiver(
  keeping: WaiverKeeping,
  { startsAt, expiresAt, reason, needsApproval, ...definition }: WaiverBody,
  { by, at }: Who,
  id: string,
  policy: WaiverPolicy,
): Promise<void> {
  compileWaiver(definition, { id, from: at, until: expiresAt });
  const start = startsAt === undefined || startsAt < at ? at : startsAt;
  refuseTimes(at, start, expiresAt);
  const waits = policy.alwaysNeedsApproval || needsApproval === true;
  const waiver: Waiver = {
    id,
    definition,
    reason,
    createdBy: by,
    createdAt: at,
    startsAt: start,
    expiresAt,
    needsApproval: waits,
    approvedBy: null,
    approvedAt: null,
    revokedBy: null,
    revokedAt: null,
    liveFrom: waits ? null : start,
  };
  await keeping.add(waiver, { type: 'waiverCreated', by, at, reason });
}

function refuseTimes(now: Instant, startsAt: Instant, expiresAt: Instant): void {
  if (expiresAt <= now) throw new WaiverTimesInvalidError('expiresAt', 'it is over already.');
  if (expiresAt <= startsAt) throw new WaiverTimesInvalidError('expiresAt', 'it is not after startsAt.');
  if (expiresAt > addMs(now, LONGEST_DAYS * DAY_MS)) {
    throw new WaiverTimesInvalidError(
      'expiresAt',
      `a waiver lasts ${LONGEST_DAYS} days at most. Exclude in the rule what may change for longer.`,
    );
  }
}

/** By another person than the one who made it. It permits from now on. */
export function approveWaiver(keeping: WaiverKeeping, id: string, { by, at }: Who, reason?: string): Promise<void> {
  return keeping.change(id, { type: 'waiverApproved', by, at, reason }, (waiver) => {
    const obstacle = whyNotApprovable(waiver, by, at);
    if (obstacle !== null) throw new WaiverNotApprovableError(id, obstacle);
    const liveFrom = waiver.startsAt > at ? waiver.startsAt : at;
    return { ...waiver, approvedBy: by, approvedAt: at, liveFrom };
  });
}

/** A sentence, or null where this person can approve it. */
function whyNotApprovable(waiver: Waiver, by: string, now: Instant): string | null {
  if (waiver.revokedAt !== null) return `${waiver.revokedBy} has revoked it.`;
  if (waiver.expiresAt <= now) return 'it has expired.';
  if (!waiver.needsApproval) return 'it needs no approval.';
  if (waiver.approvedBy !== null) return `${waiver.approvedBy} has approved it already.`;
  if (waiver.createdBy === by)
    return 'who made it cannot approve it as well. Ask another person, with a key of their own.';
  return null;
}

/** It permits nothing from now on; what it has permitted stays permitted. */
export function revokeWaiver(keeping: WaiverKeeping, id: string, { by, at }: Who, reason?: string): Promise<void> {
  return keeping.change(id, { type: 'waiverRevoked', by, at, reason }, (waiver) => {
    if (waiver.revokedAt !== null) throw new WaiverNotRevocableError(id, `${waiver.revokedBy} has revoked it already.`);
    if (waiver.expiresAt <= at) throw new WaiverNotRevocableError(id, 'it has expired.');
    return { ...waiver, revokedBy: by, revokedAt: at };
  });
}
