import type { ViolationChange } from '#contracts';
import { closesMember, deriveId, type Instant, type ToldPage, type Violation } from '#domain';
import type { AlertIncident, AlertRoute } from '../ports/alert-channel.js';
import type { PlannedDelivery } from '../ports/alert-deliveries.js';

/** Something that happened to a violation. */
export type ViolationChangeNotice = {
  /** Stable across redeliveries, different for each time that the violation changes. */
  readonly id: string;
  readonly change: ViolationChange;
  readonly at: Instant;
  readonly violation: Violation;
  /** People hear of its incident by another change. */
  readonly isQuiet: boolean;
  readonly incident: AlertIncident | null;
};

/** After these nobody has anything left to do. */
export const resolvesAlert = closesMember;

/**
 * Who is to be told of a change. A change that resolves also goes, as a follow-up, to the channels that did not ask for it: where
 * an alert was raised, it is to be closed.
 */
export function planAlerts(notice: ViolationChangeNotice, routes: readonly AlertRoute[]): PlannedDelivery[] {
  const { id, change, at, violation, incident } = notice;
  if (notice.isQuiet) return [];
  const resolves = resolvesAlert(change);
  return routes.flatMap(({ channel, on }): PlannedDelivery[] => {
    const toldHere = incident?.earlier.filter(({ changes }) => changes.some((one) => on.has(one))) ?? [];
    const asked = on.has(change) || (resolves && toldHere.some(isOpen));
    if (!asked && !resolves) return [];
    const alert = {
      dedupKey: incident?.id ?? violation.id,
      // Of the notice, not of the change: a violation that fails a second time, or is detected anew, is told again.
      messageId: deriveId('alert', channel.name, id),
      change,
      resolves,
      violation,
      incident,
      at,
    };
    return [{ channel: channel.name, alert, followUp: !asked, after: toldHere.map(({ page }) => page) }];
  });
}

const isOpen = ({ closes }: ToldPage): boolean => !closes;
