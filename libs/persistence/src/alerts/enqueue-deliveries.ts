import { isServiceAlert, type PlannedDelivery, type TransactionalQuery } from '#application';
import type { Instant } from '#domain';
import { ENQUEUE } from './statements.js';

/** Queues deliveries in the transaction that gives the reason for them. What is queued already stays as it is. */
export async function enqueueDeliveries(
  query: TransactionalQuery,
  planned: readonly PlannedDelivery[],
  now: Instant,
): Promise<void> {
  // One by one: a follow-up depends on the rows before it, and ids must rise in the order of the changes.
  for (const { channel, alert, followUp, after } of planned) {
    const { messageId, dedupKey, change } = alert;
    const [violationId, page] = isServiceAlert(alert) ? [null, 0] : [alert.violation.id, alert.incident?.page ?? 0];
    const key = [channel, messageId, dedupKey, violationId];
    await query(ENQUEUE, [...key, change, JSON.stringify(alert), now, followUp, page, after]);
  }
}
