import type { OutgoingMessage, TransactionalQuery } from '#application';
import { CHANNELS } from './channels.js';

/**
 * Queues messages for the relay, which publishes them once this transaction has committed. The live streams are woken for the violations
 * that the messages tell of, in the same round trip.
 */
export async function enqueueMessages(
  query: TransactionalQuery,
  messages: readonly (OutgoingMessage & { topic: string })[],
  changedViolations: readonly string[] = [],
): Promise<void> {
  if (messages.length === 0) return;
  await query(
    `WITH queued AS (INSERT INTO outbox (topic, key, value, headers, created_at)
       SELECT topic, key, value, headers, now() FROM unnest($1::text[], $2::text[], $3::bytea[], $4::jsonb[]) WITH ORDINALITY
         AS m (topic, key, value, headers, index) ORDER BY index)
     SELECT pg_notify($5, '')
     UNION ALL SELECT pg_notify($6, id) FROM unnest($7::text[]) AS v (id)`,
    [
      messages.map(({ topic }) => topic),
      messages.map(({ key }) => key),
      messages.map(({ value }) => value),
      messages.map(({ headers = {} }) => JSON.stringify(headers)),
      CHANNELS.outbox,
      CHANNELS.violation,
      changedViolations,
    ],
  );
}
