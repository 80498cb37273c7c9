import type { BusRecord, OutgoingMessage } from '#application';
import { messageOf } from '#domain';
import { MessageRejectedError } from './bus.errors.js';

/** The headers that a dead letter carries beside the original ones. */
export const DEAD_LETTER_HEADERS = {
  topic: 'dead-letter-topic',
  partition: 'dead-letter-partition',
  offset: 'dead-letter-offset',
  group: 'dead-letter-group',
  reason: 'dead-letter-reason',
  /** Original size in bytes, where the value had to be left out because the letter would have been too large. */
  omittedBytes: 'dead-letter-omitted-bytes',
} as const;

const MAX_REASON_BYTES = 1024;

export type DeadLetterSource = { readonly topic: string; readonly partition: number; readonly group: string };

export function toDeadLetter(record: BusRecord, source: DeadLetterSource, error: unknown): OutgoingMessage {
  return {
    key: record.key,
    value: record.value,
    headers: {
      ...record.headers,
      [DEAD_LETTER_HEADERS.topic]: source.topic,
      [DEAD_LETTER_HEADERS.partition]: String(source.partition),
      [DEAD_LETTER_HEADERS.offset]: String(record.offset),
      [DEAD_LETTER_HEADERS.group]: source.group,
      [DEAD_LETTER_HEADERS.reason]: reasonOf(error),
    },
  };
}

/** Sends a dead letter; without its value if only that keeps the bus from taking it, so that it cannot block its partition for ever. */
export async function sendDeadLetter(letter: OutgoingMessage, send: (letter: OutgoingMessage) => Promise<void>) {
  try {
    await send(letter);
  } catch (error) {
    if (!(error instanceof MessageRejectedError) || letter.value.length === 0) throw error;
    const omitted = { [DEAD_LETTER_HEADERS.omittedBytes]: String(letter.value.length) };
    await send({ ...letter, value: Buffer.alloc(0), headers: { ...letter.headers, ...omitted } });
  }
}

function reasonOf(error: unknown): string {
  // NUL is no character that PostgreSQL keeps; a character cut in two at the limit is dropped.
  const text = Buffer.from(messageOf(error).replaceAll('\0', ''));
  if (text.length <= MAX_REASON_BYTES) return text.toString();
  return text
    .subarray(0, MAX_REASON_BYTES)
    .toString()
    .replace(/\uFFFD+$/, '');
}
