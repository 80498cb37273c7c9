import { hash } from 'node:crypto';
import type { RepositoryWideEvent, TransactionalQuery } from '#application';
import {
  assertUnreachable,
  type Instant,
  type RegistryEvent,
  type RepositoryRef,
  type TagRef,
  type TimelineEvent,
} from '#domain';
import { columnsOf } from './array-literal.js';

/** A row of `event`, as it is written and as it is read. */
export type EventRow = {
  readonly id: string;
  readonly type: string;
  readonly registry: string | null;
  readonly repository: string | null;
  readonly tag: string | null;
  readonly digest: string | null;
  readonly media_type: string | null;
  readonly actor: string | null;
  readonly occurred_at: Instant;
  readonly received_at: Instant;
  readonly source: string;
  readonly source_id: string;
  readonly claims: Readonly<Record<string, string>>;
  readonly detail: Readonly<Record<string, unknown>> | null;
};

export function rowOfEvent(event: RegistryEvent): EventRow {
  return {
    id: event.id,
    type: event.type,
    registry: event.registry,
    repository: event.repository,
    tag: 'tag' in event ? event.tag : null,
    digest: 'digest' in event ? event.digest : null,
    media_type: 'mediaType' in event ? event.mediaType : null,
    actor: event.actor,
    occurred_at: event.occurredAt,
    received_at: event.receivedAt,
    source: event.source,
    source_id: event.sourceId,
    claims: event.claims,
    detail: detailOf(event),
  };
}

function detailOf(event: RegistryEvent): Record<string, unknown> | null {
  return event.type === 'sealAccepted' ? { violationId: event.violationId, reason: event.reason } : null;
}

/** The inverse of `rowOfEvent`, for the events that timelines are folded from. */
export function timelineEventOfRow(row: EventRow): TimelineEvent {
  const base = {
    id: row.id,
    registry: row.registry,
    repository: row.repository,
    actor: row.actor,
    occurredAt: row.occurred_at,
    receivedAt: row.received_at,
    source: row.source,
    sourceId: row.source_id,
    claims: row.claims,
  };
  const type = row.type as TimelineEvent['type'];
  switch (type) {
    case 'pushed':
    case 'observed':
      return { ...base, type, tag: row.tag, digest: row.digest, mediaType: row.media_type } as TimelineEvent;
    case 'tagDeleted':
      return { ...base, type, tag: row.tag } as TimelineEvent;
    case 'manifestDeleted':
      return { ...base, type, digest: row.digest } as TimelineEvent;
    case 'repositoryDeleted':
      return { ...base, type } as TimelineEvent;
    case 'sealAccepted':
      return {
        ...base,
        type,
        tag: row.tag,
        digest: row.digest,
        mediaType: row.media_type,
        ...row.detail,
      } as TimelineEvent;
    default:
      return assertUnreachable(type);
  }
}

export const TIMELINE_TYPES: readonly TimelineEvent['type'][] = [
  'pushed',
  'observed',
  'tagDeleted',
  'manifestDeleted',
  'repositoryDeleted',
  'sealAccepted',
];

const INSERT_EVENTS = `
INSERT INTO event (id, type, registry, repository, tag, digest, media_type, actor, occurred_at, received_at, source, source_id, claims, detail)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::timestamptz[], $10::timestamptz[], $11::text[], $12::text[], $13::jsonb[], $14::jsonb[])
ON CONFLICT (id) DO NOTHING RETURNING id`;

/** Inserts what is not there yet, in one statement, and answers the rows that were. */
export async function insertEventRows(query: TransactionalQuery, rows: readonly EventRow[]): Promise<EventRow[]> {
  const values = rows.map((row) => [
    row.id,
    row.type,
    row.registry,
    row.repository,
    row.tag,
    row.digest,
    row.media_type,
    row.actor,
    row.occurred_at,
    row.received_at,
    row.source,
    row.source_id,
    JSON.stringify(row.claims),
    row.detail === null ? null : JSON.stringify(row.detail),
  ]);
  const inserted = new Set(((await query(INSERT_EVENTS, columnsOf(values))) as { id: string }[]).map(({ id }) => id));
  return rows.filter((row) => inserted.delete(row.id));
}

const COLUMNS =
  'id, type, registry, repository, tag, digest, media_type, actor, occurred_at, received_at, source, source_id, claims, detail';

export async function loadRepositoryWideEvents(
  query: TransactionalQuery,
  since: readonly (RepositoryRef & { since: Instant })[],
): Promise<RepositoryWideEvent[]> {
  const rows = await query(
    `SELECT e.* FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS wanted (registry, repository, since)
     JOIN LATERAL (SELECT ${COLUMNS} FROM event WHERE event.registry = wanted.registry AND event.repository = wanted.repository
       AND event.occurred_at >= wanted.since AND type IN ('manifestDeleted', 'repositoryDeleted')) e ON true`,
    [since.map((one) => one.registry), since.map((one) => one.repository), since.map((one) => one.since)],
  );
  return (rows as EventRow[]).map(timelineEventOfRow) as RepositoryWideEvent[];
}

/** Every event that the tags' timelines are folded from, in order, each with the number of the tag that it is for. */
export async function loadTimelineEvents(
  query: TransactionalQuery,
  refs: readonly TagRef[],
): Promise<{ index: number; event: TimelineEvent }[]> {
  const rows = await query(
    `SELECT wanted.index, e.* FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS wanted (registry, repository, tag, index)
     JOIN LATERAL (
       SELECT ${COLUMNS} FROM event WHERE event.registry = wanted.registry AND event.repository = wanted.repository
         AND event.tag = wanted.tag AND type = ANY($4)
       UNION ALL
       SELECT ${COLUMNS} FROM event WHERE event.registry = wanted.registry AND event.repository = wanted.repository
         AND type IN ('manifestDeleted', 'repositoryDeleted')
     ) e ON true ORDER BY e.occurred_at, e.id`,
    [refs.map((ref) => ref.registry), refs.map((ref) => ref.repository), refs.map((ref) => ref.tag), TIMELINE_TYPES],
  );
  return (rows as (EventRow & { index: string })[]).map((row) => ({
    index: Number(row.index) - 1,
    event: timelineEventOfRow(row),
  }));
}

/** The bytes that the ledger binds: every column, in a form that does not depend on how JSON was stored. */
export function hashOfRow(row: EventRow): Buffer {
  const values = [row.id, row.type, row.registry, row.repository, row.tag, row.digest, row.media_type, row.actor];
  values.push(row.occurred_at, row.received_at, row.source, row.source_id);
  return hash('sha256', JSON.stringify([...values, sorted(row.claims), sorted(row.detail)]), 'buffer');
}

function sorted(value: Readonly<Record<string, unknown>> | null): unknown {
  if (value === null) return null;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}
