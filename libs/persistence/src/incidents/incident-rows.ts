import type { TransactionalQuery } from '#application';
import type { Incident, Instant, Telling } from '#domain';
import { columnsOf } from '../record/array-literal.js';

export type IncidentRow = {
  id: string;
  opened_at: Instant;
  last_at: Instant;
  registry: string;
  actor: string | null;
  is_mixed: boolean;
  registries: string[];
  members: number;
  telling: Telling;
  closed_at: Instant | null;
};

export const incidentOfRow = (row: IncidentRow): Incident =>
  ({
    id: row.id,
    openedAt: row.opened_at,
    lastAt: row.last_at,
    identity: { registry: row.registry, actor: row.actor },
    isMixed: row.is_mixed,
    registries: row.registries,
    members: row.members,
    telling: row.telling,
    closedAt: row.closed_at,
  }) as unknown as Incident;

// `registries` goes as JSON: an array of arrays of different lengths is none that `unnest` takes.
const SAVE = `
INSERT INTO incident (id, opened_at, last_at, registry, actor, is_mixed, registries, members, telling, closed_at)
SELECT id, opened_at, last_at, registry, actor, is_mixed, ARRAY(SELECT jsonb_array_elements_text(registries)), members, telling, closed_at
FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::boolean[], $7::jsonb[], $8::integer[],
  $9::jsonb[], $10::timestamptz[])
  AS i (id, opened_at, last_at, registry, actor, is_mixed, registries, members, telling, closed_at)
ON CONFLICT (id) DO UPDATE SET opened_at = excluded.opened_at, last_at = excluded.last_at, is_mixed = excluded.is_mixed,
  registries = excluded.registries, members = excluded.members, telling = excluded.telling, closed_at = excluded.closed_at`;

/** Writes incidents that this transaction has locked, or has opened under the lock that keeps others from opening the same. */
export async function saveIncidents(query: TransactionalQuery, incidents: readonly Incident[]): Promise<void> {
  if (incidents.length === 0) return;
  const rows = incidents.map((one) => [
    one.id,
    one.openedAt,
    one.lastAt,
    one.identity.registry,
    one.identity.actor,
    one.isMixed,
    JSON.stringify(one.registries),
    one.members,
    JSON.stringify(one.telling),
    one.closedAt,
  ]);
  await query(SAVE, columnsOf(rows));
}
