import type { Belonging, TransactionalQuery } from '#application';
import { closesMember, type Instant, type MemberChange, OPEN_STATES, pageFor } from '#domain';
import type { HeldIncidents } from './held-incidents.js';

const STILL_OPEN = `
SELECT id FROM unnest($1::uuid[]) AS i (id)
WHERE EXISTS (SELECT FROM violation v WHERE v.incident_id = i.id AND v.state IN (${OPEN_STATES.map((state) => `'${state}'`).join(', ')}))`;

export type IncidentChange = { readonly incidentId: string | null; readonly change: MemberChange };

/**
 * Which of the changes people are told of, in their order; null for a change without an incident, which is told by itself. Call it when the
 * changes are written: whoever of two transactions that close the last members gets the incident second sees what the first has written.
 */
export async function pageChanges(
  query: TransactionalQuery,
  incidents: HeldIncidents,
  changes: readonly IncidentChange[],
  now: Instant,
): Promise<(Belonging | null)[]> {
  const stillOpen = await findStillOpen(query, incidents, changes);
  const belongings = changes.map(({ incidentId, change }): Belonging | null => {
    const before = incidents.find(incidentId);
    if (before === null) return null;
    const isOver = closesMember(change) && !stillOpen.has(before.id);
    const { page, telling } = pageFor(before, change, isOver);
    const incident = { ...before, telling, closedAt: isOver ? (before.closedAt ?? now) : null };
    incidents.put(incident);
    return { incident, page };
  });
  await incidents.save(query);
  return belongings;
}

async function findStillOpen(
  query: TransactionalQuery,
  incidents: HeldIncidents,
  changes: readonly IncidentChange[],
): Promise<ReadonlySet<string>> {
  const closing = changes.filter(({ incidentId, change }) => closesMember(change) && incidents.find(incidentId));
  if (closing.length === 0) return new Set();
  const ids = [...new Set(closing.map(({ incidentId }) => incidentId))];
  const rows = (await query(STILL_OPEN, [ids])) as { id: string }[];
  return new Set(rows.map(({ id }) => id));
}
