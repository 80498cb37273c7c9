import { announceViolation, type TransactionalQuery } from '#application';
import type { ViolationChange } from '#contracts';
import type { Digest, Instant, KeptViolation, TagRef, Violation } from '#domain';
import { HeldIncidents } from '../incidents/held-incidents.js';
import { pageChanges } from '../incidents/page-changes.js';
import { columnsOf } from './array-literal.js';
import { enqueueMessages } from './outbox-rows.js';

export type ViolationRow = {
  id: string;
  tag_id: string;
  registry: string;
  repository: string;
  tag: string;
  kind: string;
  state: string;
  mode: string;
  event_id: string;
  detected_at: Instant;
  received_at: Instant;
  actor: string | null;
  sealed_digest: string;
  found_digest: string | null;
  rule_id: string;
  rule_name: string;
  awaiting_children: boolean;
  ended_at: Instant | null;
  ended_id: string | null;
  ended_by: string | null;
  restored_at: Instant | null;
  failure: string | null;
  version: number;
  waiver_id: string | null;
  incident_id: string | null;
};

/** A violation and the tag that it is of. */
export type TagViolation = {
  readonly tagId: string;
  readonly ref: TagRef;
  readonly violation: KeptViolation;
  readonly incidentId: string | null;
};

export function violationOfRow(row: ViolationRow): TagViolation {
  const ref = { registry: row.registry, repository: row.repository, tag: row.tag } as TagRef;
  return { tagId: row.tag_id, ref, violation: keptOfRow(row), incidentId: row.incident_id };
}

function keptOfRow(row: ViolationRow): KeptViolation {
  return {
    id: row.id,
    kind: row.kind,
    event: { occurredAt: row.detected_at, id: row.event_id },
    receivedAt: row.received_at,
    actor: row.actor,
    sealedDigest: row.sealed_digest,
    foundDigest: row.found_digest,
    rule: { id: row.rule_id, name: row.rule_name },
    mode: row.mode,
    awaitingChildren: row.awaiting_children,
    end: row.ended_at === null ? null : { at: { occurredAt: row.ended_at, id: row.ended_id }, by: row.ended_by },
    state: row.state,
    restoredAt: row.restored_at,
    failure: row.failure,
    version: row.version,
    waiverId: row.waiver_id,
  } as KeptViolation;
}

/** As people and programs are told of it. */
export const toldOf = (ref: TagRef, violation: KeptViolation): Violation => ({
  id: violation.id,
  kind: violation.kind,
  state: violation.state,
  registry: ref.registry,
  repository: ref.repository,
  tag: ref.tag,
  sealedDigest: violation.sealedDigest,
  foundDigest: violation.foundDigest as Digest | null,
  actor: violation.actor,
  detectedAt: violation.event.occurredAt,
  restoredAt: violation.restoredAt,
  rule: violation.rule,
  failure: violation.failure,
});

/** Violations of the tags, locked: all of those folded anew, and the standing ones of the others. */
export async function loadViolations(
  query: TransactionalQuery,
  anew: readonly string[],
  others: readonly string[],
): Promise<TagViolation[]> {
  if (anew.length + others.length === 0) return [];
  const rows = await query(
    `SELECT * FROM violation WHERE tag_id = ANY($1::uuid[]) OR (tag_id = ANY($2::uuid[]) AND ended_at IS NULL)
     ORDER BY id FOR UPDATE`,
    [anew, others],
  );
  return (rows as ViolationRow[]).map(violationOfRow);
}

const SAVE = `
INSERT INTO violation (id, tag_id, registry, repository, tag, kind, state, mode, event_id, detected_at, received_at, actor, sealed_digest,
  found_digest, rule_id, rule_name, awaiting_children, ended_at, ended_id, ended_by, restored_at, failure, version,
  waiver_id, incident_id)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::uuid[],
  $10::timestamptz[], $11::timestamptz[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::boolean[],
  $18::timestamptz[], $19::uuid[], $20::text[], $21::timestamptz[], $22::text[], $23::integer[], $24::uuid[], $25::uuid[])
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, state = excluded.state, mode = excluded.mode, found_digest = excluded.found_digest, sealed_digest = excluded.sealed_digest,
  rule_id = excluded.rule_id, rule_name = excluded.rule_name, awaiting_children = excluded.awaiting_children,
  ended_at = excluded.ended_at, ended_id = excluded.ended_id, ended_by = excluded.ended_by, restored_at = excluded.restored_at, failure = excluded.failure,
  version = excluded.version, waiver_id = excluded.waiver_id, incident_id = excluded.incident_id`;

export async function saveViolations(query: TransactionalQuery, violations: readonly TagViolation[]): Promise<void> {
  if (violations.length === 0) return;
  const rows = violations.map(({ tagId, ref, violation: v, incidentId }) => [
    v.id,
    tagId,
    ref.registry,
    ref.repository,
    ref.tag,
    v.kind,
    v.state,
    v.mode,
    v.event.id,
    v.event.occurredAt,
    v.receivedAt,
    v.actor,
    v.sealedDigest,
    v.foundDigest,
    v.rule.id,
    v.rule.name,
    v.awaitingChildren,
    v.end?.at.occurredAt,
    v.end?.at.id,
    v.end?.by,
    v.restoredAt,
    v.failure,
    v.version,
    v.waiverId,
    incidentId,
  ]);
  await query(SAVE, columnsOf(rows));
}

/** Queues what people and programs are told, in the transaction that it tells of. `incidents`: where they are locked already. */
export async function announceAll(
  query: TransactionalQuery,
  violations: readonly TagViolation[],
  now: Instant,
  incidents?: HeldIncidents,
): Promise<void> {
  const messages = await announcementsOf(query, violations, ({ violation }) => violation.state, now, incidents);
  await enqueueMessages(
    query,
    messages,
    violations.map(({ violation }) => violation.id),
  );
}

/** The same for a tripped fight breaker: that is no state. */
export async function announceFights(
  query: TransactionalQuery,
  violations: readonly TagViolation[],
  now: Instant,
): Promise<void> {
  await enqueueMessages(query, await announcementsOf(query, violations, () => 'fight', now));
}

async function announcementsOf(
  query: TransactionalQuery,
  violations: readonly TagViolation[],
  changeOf: (violation: TagViolation) => ViolationChange,
  now: Instant,
  incidents?: HeldIncidents,
) {
  if (violations.length === 0) return [];
  const ids = violations.flatMap(({ incidentId }) => incidentId ?? []);
  const held = incidents ?? (await HeldIncidents.lock(query, [...new Set(ids)]));
  const changes = violations.map((one) => ({ incidentId: one.incidentId, change: changeOf(one) }));
  const belongings = await pageChanges(query, held, changes, now);
  return violations.map((one, index) =>
    announceViolation(
      toldOf(one.ref, one.violation),
      changeOf(one),
      one.violation.version,
      now,
      belongings[index] ?? null,
    ),
  );
}
