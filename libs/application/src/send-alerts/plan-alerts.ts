import { deriveId, type Instant, type Violation } from '#domain';
import type { AlertChange, AlertRoute } from '../ports/alert-channel.js';
import type { PlannedDelivery } from '../ports/alert-deliveries.js';

/** Something that happened to a violation. */
export type ViolationChangeNotice = {
  /** Stable across redeliveries, different for each time that the violation changes. */
  readonly id: string;
  readonly change: AlertChange;
  readonly at: Instant;
  readonly violation: Violation;
};

/** After these nobody has anything left to do. */
const RESOLVING: ReadonlySet<AlertChange> = new Set(['restored', 'selfHealed', 'accepted', 'waived', 'withdrawn']);

export const resolvesAlert = (change: AlertChange): boolean => RESOLVING.has(change);

/**
 * Who is to be told of a change. A change that resolves also goes, as a follow-up, to the channels that did not ask for it: where
 * an alert was raised, it is to be closed.
 */
export function planAlerts(notice: ViolationChangeNotice, routes: readonly AlertRoute[]): PlannedDelivery[] {
  const resolves = resolvesAlert(notice.change);
  return routes.flatMap(({ channel, on }): PlannedDelivery[] => {
    const asked = on.has(notice.change);
    if (!asked && !resolves) return [];
    const alert = {
      dedupKey: notice.violation.id,
      // Of the notice, not of the change: a violation that fails a second time, or is detected anew, is told again.
      messageId: deriveId('alert', channel.name, notice.id),
      change: notice.change,
      resolves,
      violation: notice.violation,
      at: notice.at,
    };
    return [{ channel: channel.name, alert, followUp: !asked }];
  });
}
