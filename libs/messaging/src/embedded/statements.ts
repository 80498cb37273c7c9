import type { BusRecord, OutgoingMessage, TransactionalQuery } from '#application';
import type { PublishEntry } from '../publish-queue.js';
import { keyHash } from './key-hash.js';

const PUBLISH = 'SELECT bus_publish($1::text[], $2::integer[], $3::text[], $4::bytea[], $5::jsonb[])';
const ADVANCE = 'SELECT bus_advance($1, $2, $3, $4, $5)';

/** One statement for any number of messages and topics, with as many parameters as it has columns. */
export function publishStatement(entries: readonly PublishEntry[]): { text: string; values: unknown[] } {
  const topics: string[] = [];
  const messages: OutgoingMessage[] = [];
  for (const entry of entries) {
    for (const message of entry.messages) {
      topics.push(entry.topic);
      messages.push(message);
    }
  }
  const values = [
    topics,
    messages.map(({ key }) => keyHash(key)),
    messages.map(({ key }) => key),
    messages.map(({ value }) => value),
    messages.map(({ headers }) => JSON.stringify(headers ?? {})),
  ];
  return { text: PUBLISH, values };
}

/**
 * Publishes in the caller's own transaction: the messages appear when it commits, or never. Until it ends, other publishers wait for the
 * partitions that it has touched, so call it last and commit soon.
 */
export async function publishWithin(
  query: TransactionalQuery,
  topic: string,
  messages: readonly OutgoingMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  const { text, values } = publishStatement([{ topic, messages }]);
  await query(text, values);
}

export type PartitionOfGroup = { readonly group: string; readonly topic: string; readonly partition: number };

/** Moves a position from where it must stand; raises POSITION_MOVED if it stands elsewhere. */
export async function advance(query: TransactionalQuery, of: PartitionOfGroup, expected: bigint, next: bigint) {
  await query(ADVANCE, [of.group, of.topic, of.partition, String(expected), String(next)]);
}

export type StoredRecord = { offset: string; key: string; value: Buffer; headers: Record<string, string> };

export const READ_RECORDS = `SELECT "offset", key, value, headers FROM bus_record
 WHERE topic = $1 AND partition = $2 AND "offset" >= $3 ORDER BY "offset" LIMIT $4`;

export const READ_POSITION = `SELECT next_offset FROM bus_position
 WHERE consumer_group = $1 AND topic = $2 AND partition = $3`;

/** Gives a new group its positions on all partitions at once, so that `latest` means the time of subscribing everywhere. */
export const CREATE_POSITIONS = `INSERT INTO bus_position (consumer_group, topic, partition, next_offset)
SELECT $1, topic, partition, CASE WHEN $3 THEN next_offset ELSE 0 END FROM bus_partition WHERE topic = $2
ON CONFLICT DO NOTHING`;

export function toBusRecord(row: StoredRecord): BusRecord {
  return { offset: BigInt(row.offset), key: row.key, value: row.value, headers: row.headers };
}
