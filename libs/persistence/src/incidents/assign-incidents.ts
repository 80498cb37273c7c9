import type { TransactionalQuery } from '#application';
import {
  type Arising,
  addMs,
  type Candidate,
  chooseIncident,
  comparePositions,
  type Digest,
  type Incident,
  type IncidentId,
  type Instant,
  isOfCanary,
  joinIncident,
  type KeptViolation,
  OPEN_STATES,
  openIncident,
  type TagRef,
  type ViolationId,
} from '#domain';
import { HeldIncidents } from './held-incidents.js';
import { type IncidentRow, incidentOfRow } from './incident-rows.js';

/** One writer at a time says what belongs together. Rare, because violations are. Any constant does. */
const ASSIGNMENT_LOCK = 7_426_802;

/** Those that may be joined, and those that the transaction's other violations belong to. */
const LOCK_CANDIDATES = `
SELECT i.*, found.digests FROM incident i CROSS JOIN LATERAL (
  SELECT ARRAY(SELECT DISTINCT v.found_digest FROM violation v WHERE v.incident_id = i.id AND v.found_digest = ANY($3::text[])) AS digests) found
WHERE i.id IN (
  SELECT c.id FROM incident c
  WHERE c.last_at >= $4::timestamptz AND c.opened_at <= $5::timestamptz AND (
    EXISTS (SELECT FROM unnest($1::text[], $2::text[]) AS a (registry, actor)
      WHERE a.registry = c.registry AND a.actor IS NOT DISTINCT FROM c.actor)
    OR EXISTS (SELECT FROM violation v WHERE v.incident_id = c.id AND v.found_digest = ANY($3::text[])))
  UNION ALL SELECT unnest($6::uuid[]))
ORDER BY i.id FOR UPDATE OF i`;

export type Changed = { readonly ref: TagRef; readonly violation: KeptViolation; readonly incidentId: string | null };
export type Assignment = {
  readonly incidents: HeldIncidents;
  /** Of the violations that were given one. */
  readonly given: ReadonlyMap<ViolationId, IncidentId>;
  readonly opened: readonly Incident[];
};

/**
 * Gives each violation that has become open, and belongs to no incident yet, the one that it joins or opens, and locks these and the
 * incidents of all others that have changed. Nothing is written before `incidents` is saved. Lock the violations first.
 */
export async function assignIncidents(
  query: TransactionalQuery,
  changed: readonly Changed[],
  windowMs: number,
): Promise<Assignment> {
  const known = [...new Set(changed.flatMap(({ incidentId }) => incidentId ?? []))];
  const arising = changed.filter(isUnassigned).sort(byTime);
  if (arising.length === 0) return { incidents: await HeldIncidents.lock(query, known), given: new Map(), opened: [] };
  await query('SELECT pg_advisory_xact_lock($1)', [ASSIGNMENT_LOCK]);
  const candidates = await lockCandidates(query, arising.map(arisingOf), known, windowMs);
  const incidents = new HeldIncidents(candidates.map(({ incident }) => incident));
  const opened: Incident[] = [];
  const given = new Map<ViolationId, IncidentId>();
  for (const one of arising) {
    const { incident, isNew } = place(candidates, one, windowMs);
    incidents.put(incident);
    if (isNew) opened.push(incident);
    given.set(one.violation.id, incident.id);
  }
  return { incidents, given, opened };
}

type Place = Candidate & { incident: Incident; readonly digests: Set<Digest> };

function place(candidates: Place[], one: Changed, windowMs: number): { incident: Incident; isNew: boolean } {
  const arising = arisingOf(one);
  const found = chooseIncident(candidates, arising, windowMs);
  const candidate = found ?? { incident: openIncident(one.violation.id, arising), digests: new Set<Digest>() };
  if (found === null) candidates.push(candidate);
  else candidate.incident = joinIncident(candidate.incident, arising);
  if (arising.foundDigest !== null) candidate.digests.add(arising.foundDigest);
  return { incident: candidate.incident, isNew: found === null };
}

async function lockCandidates(
  query: TransactionalQuery,
  arising: readonly Arising[],
  known: readonly string[],
  windowMs: number,
): Promise<Place[]> {
  const times = arising.map(({ detectedAt }) => detectedAt).sort();
  const rows = (await query(LOCK_CANDIDATES, [
    arising.map(({ registry }) => registry),
    arising.map(({ actor }) => actor),
    arising.flatMap(({ foundDigest }) => foundDigest ?? []),
    addMs(times[0] as Instant, -windowMs),
    addMs(times.at(-1) as Instant, windowMs),
    known,
  ])) as (IncidentRow & { digests: Digest[] })[];
  return rows.map((row) => ({ incident: incidentOfRow(row), digests: new Set(row.digests) }));
}

/** Our own overwriting of a canary must neither open an incident nor hide in one of somebody else's. */
const isUnassigned = ({ ref, incidentId, violation }: Changed): boolean =>
  incidentId === null &&
  OPEN_STATES.includes(violation.state) &&
  !isOfCanary({ registry: ref.registry, rule: violation.rule });

const arisingOf = ({ ref, violation }: Changed): Arising => ({
  registry: ref.registry,
  actor: violation.actor,
  detectedAt: violation.event.occurredAt,
  foundDigest: violation.foundDigest as Digest | null,
});

const byTime = ({ violation: a }: Changed, { violation: b }: Changed): number => comparePositions(a.event, b.event);
