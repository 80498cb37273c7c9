import type { TransactionalQuery } from '#application';
import type { Pulled } from '#domain';
import { type EventRow, insertEventRows, rowOfEvent } from './event-rows.js';

/**
 * Keeps the pulls of a digest while it stood wrongly under a sealed tag of its repository: those are a violation's exposure. All others
 * are dropped. Answers how many were of that kind, those already kept included.
 */
export async function keepExposingPulls(
  query: TransactionalQuery,
  pulls: readonly Pulled[],
  inserted: (rows: readonly EventRow[]) => void,
): Promise<number> {
  const rows = (await query(
    `SELECT DISTINCT p.index FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) WITH ORDINALITY
       AS p (registry, repository, digest, at, index)
     JOIN violation v ON v.registry = p.registry AND v.repository = p.repository AND v.found_digest = p.digest
       AND p.at >= v.detected_at AND p.at <= coalesce(least(v.restored_at, v.ended_at), 'infinity')
     WHERE v.found_digest <> v.sealed_digest AND v.state <> 'withdrawn'`,
    [
      pulls.map((p) => p.registry),
      pulls.map((p) => p.repository),
      pulls.map((p) => p.digest),
      pulls.map((p) => p.occurredAt),
    ],
  )) as { index: string }[];
  const exposing = rows.flatMap(({ index }) => pulls[Number(index) - 1] ?? []);
  if (exposing.length > 0) inserted(await insertEventRows(query, exposing.map(rowOfEvent)));
  return exposing.length;
}
