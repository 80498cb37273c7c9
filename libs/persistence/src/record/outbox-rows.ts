import type { OutgoingMessage, TransactionalQuery } from '#application';
import { CHANNELS } from './channels.js';

/** Queues messages for the relay, which publishes them once this transaction has committed. */
export async function enqueueMessages(
  query: TransactionalQuery,
  messages: readonly (OutgoingMessage & { topic: string })[],
): Promise<void> {
  if (messages.length === 0) return;
  await query(
    `WITH queued AS (INSERT INTO outbox (topic, key, value, created_at)
       SELECT topic, key, value, now() FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY AS m (topic, key, value, index) ORDER BY index)
     SELECT pg_notify($4, '')`,
    [
      messages.map(({ topic }) => topic),
      messages.map(({ key }) => key),
      messages.map(({ value }) => value),
      CHANNELS.outbox,
    ],
  );
}
