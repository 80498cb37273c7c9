import type { NotificationHeaders } from '../adapter.js';

/** What a notification says of itself in its headers, and its body. */
export type Delivered = { readonly delivery: string | null; readonly event: string | null; readonly body: unknown };

/** The headers' names, in lower case; the first that is there counts. */
export type DeliveryHeaders = { readonly delivery: readonly string[]; readonly event: readonly string[] };

const KEY = 'deliveredAs';

/** Of a notification, or of a replay that `keptForReplay` was written for: replays have no headers. */
export function readDelivery(headers: NotificationHeaders, body: unknown, names: DeliveryHeaders): Delivered {
  const replayed = findReplay(body);
  if (replayed !== null) return replayed;
  return { delivery: find(headers, names.delivery), event: find(headers, names.event), body };
}

/** The notification with what its headers said, so that its replay has the same ids. */
export const keptForReplay = ({ delivery, event, body }: Delivered): unknown =>
  delivery === null && event === null ? body : { [KEY]: { delivery, event }, body };

function findReplay(value: unknown): Delivered | null {
  if (typeof value !== 'object' || value === null || !(KEY in value) || !('body' in value)) return null;
  const { [KEY]: said, body } = value;
  if (typeof said !== 'object' || said === null) return null;
  return {
    delivery: 'delivery' in said && typeof said.delivery === 'string' ? said.delivery : null,
    event: 'event' in said && typeof said.event === 'string' ? said.event : null,
    body,
  };
}

function find(headers: NotificationHeaders, names: readonly string[]): string | null {
  const values = names.map((name) => headers[name]);
  return values.find((value): value is string => typeof value === 'string' && value !== '') ?? null;
}
