import { z } from 'zod';
import { paging } from './page.js';
import { TimeCursor } from './query-fields.js';
import { time } from './view-fields.js';

export const RejectedQuery = z.strictObject(paging(TimeCursor));
export type RejectedQuery = z.infer<typeof RejectedQuery>;

/** Bytes of a payload that a list shows. */
export const REJECTED_EXCERPT_BYTES = 64 * 1024;

export const RejectedView = z.object({
  id: z.string(),
  registry: z.string(),
  receivedAt: time,
  reason: z.string(),
  contentType: z.string().nullable(),
  payload: z.string().meta({ description: 'As text; bytes that are no UTF-8 are shown as U+FFFD. Cut at 64 KiB.' }),
  payloadBytes: z.int().meta({ description: 'Of the whole payload.' }),
  replayedAt: time.nullable(),
});
export type RejectedView = z.infer<typeof RejectedView>;

/** What a notification held, as its sender or the person who replays it is told. */
export const ReceiptView = z.object({ accepted: z.int(), ignored: z.int(), rejected: z.int() });
export type ReceiptView = z.infer<typeof ReceiptView>;
