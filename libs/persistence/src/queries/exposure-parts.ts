import { EXPOSURE_LIMITS, type RecordedExposure } from '#contracts';
import type { Instant } from '#domain';
import type { EventRow } from '../record/event-rows.js';
import { eventOfRow } from './pg-event-queries.js';
import { EXPOSURE_ENDED, type Queryable } from './violation-parts.js';

type Carrier = RecordedExposure['carriers'][number];
type OtherChanges = RecordedExposure['otherChanges'];

/** Indexes that list the digest, and bindings of one of them, that are looked at. */
const INDEXES = 1_000;
const BINDINGS_OF_ONE = 10_000;

const LOAD_WINDOW = `
SELECT now() AS as_of, ${EXPOSURE_ENDED} AS until, v.detected_at - interval '24 hours' AS changes_from,
  least(${EXPOSURE_ENDED} + interval '24 hours', now()) AS changes_to,
  coalesce((SELECT t.seal_media_type FROM tag t WHERE t.id = v.tag_id AND t.seal_digest = v.sealed_digest),
    (SELECT m.media_type FROM manifest m WHERE m.digest = v.sealed_digest),
    (SELECT b.media_type FROM binding b WHERE b.tag_id = v.tag_id AND b.digest = v.sealed_digest
      ORDER BY b.bound_at DESC LIMIT 1)) AS good_media_type
FROM violation v WHERE v.id = $1`;

export type WindowRow = {
  as_of: Instant;
  until: Instant | null;
  changes_from: Instant;
  changes_to: Instant;
  good_media_type: string | null;
};

export async function loadWindow(source: Queryable, id: string): Promise<WindowRow | undefined> {
  return ((await source.query(LOAD_WINDOW, [id])) as WindowRow[])[0];
}

/** The event that showed the violation; null where it was not kept as one. */
export async function loadChange(source: Queryable, eventId: string): Promise<RecordedExposure['change']> {
  const [row] = (await source.query('SELECT * FROM event WHERE id = $1', [eventId])) as EventRow[];
  return row ? eventOfRow(row) : null;
}

// The limits inside also keep the planner to one index scan a digest and a tag, however common it believes them to be.
const LOAD_CARRIERS = `
WITH carrying AS (
  SELECT $1::text AS digest UNION
  (SELECT m.digest FROM manifest m WHERE m.children @> ARRAY[$1::text] LIMIT ${INDEXES})
), bound AS (
  SELECT b.* FROM carrying c CROSS JOIN LATERAL (
    SELECT * FROM binding WHERE binding.digest = c.digest
    ORDER BY unbound_at IS NULL DESC, bound_at DESC LIMIT ${BINDINGS_OF_ONE}) b
), latest AS (
  SELECT DISTINCT ON (tag_id) tag_id, digest, bound_at, unbound_at, count(*) OVER (PARTITION BY tag_id) AS times
  FROM bound ORDER BY tag_id, bound_at DESC, bound_by DESC
), shown AS (
  SELECT * FROM latest ORDER BY unbound_at IS NULL DESC, bound_at DESC, tag_id LIMIT ${EXPOSURE_LIMITS.carriers + 1}
)
SELECT t.*, s.digest, s.bound_at, s.unbound_at, s.times FROM shown s
CROSS JOIN LATERAL (SELECT registry, repository, tag FROM tag WHERE tag.id = s.tag_id LIMIT 1) t
ORDER BY s.unbound_at IS NULL DESC, s.bound_at DESC, s.tag_id`;

type CarrierRow = {
  registry: string;
  repository: string;
  tag: string;
  digest: string;
  bound_at: Instant;
  unbound_at: Instant | null;
  times: string;
};

/** Tags that point or pointed at the digest, or at a kept index that lists it. */
export async function loadCarriers(
  source: Queryable,
  digest: string | null,
): Promise<Pick<RecordedExposure, 'carriers' | 'carriersTruncated'>> {
  if (digest === null) return { carriers: [], carriersTruncated: false };
  const rows = (await source.query(LOAD_CARRIERS, [digest])) as CarrierRow[];
  const shown = rows.slice(0, EXPOSURE_LIMITS.carriers);
  return { carriers: shown.map(carrierOfRow), carriersTruncated: rows.length > shown.length };
}

const carrierOfRow = (row: CarrierRow): Carrier => ({
  registry: row.registry,
  repository: row.repository,
  tag: row.tag,
  digest: row.digest,
  boundAt: row.bound_at,
  unboundAt: row.unbound_at,
  still: row.unbound_at === null,
  times: Number(row.times),
});

/**
 * What registries call an actor and what API keys are called are two things: only what the registry itself claims is asked for. Pulls
 * change nothing.
 */
const CHANGES = `FROM event WHERE actor = $1 AND occurred_at BETWEEN $3 AND $4 AND registry = $2 AND id <> $5
  AND type IN ('pushed', 'tagDeleted', 'manifestDeleted', 'repositoryDeleted') ORDER BY occurred_at DESC, id DESC`;
const LOAD_CHANGES = `SELECT * ${CHANGES} LIMIT ${EXPOSURE_LIMITS.otherChanges + 1}`;
const COUNT_CHANGES = `SELECT type, count(*) AS count FROM (SELECT type ${CHANGES} LIMIT ${EXPOSURE_LIMITS.countedChanges}) e
  GROUP BY type ORDER BY type`;

export type ActorInTime = {
  readonly actor: string | null;
  readonly registry: string;
  readonly from: Instant;
  readonly to: Instant;
  /** The change itself, which is left out. */
  readonly eventId: string;
};

/** What else an actor changed in a registry. */
export async function loadOtherChanges(
  source: Queryable,
  { actor, registry, from, to, eventId }: ActorInTime,
): Promise<OtherChanges> {
  if (actor === null) return { actor, from, to, countsByType: {}, events: [], truncated: false };
  const values = [actor, registry, from, to, eventId];
  const rows = (await source.query(LOAD_CHANGES, values)) as EventRow[];
  const counts = (await source.query(COUNT_CHANGES, values)) as { type: string; count: string }[];
  const shown = rows.slice(0, EXPOSURE_LIMITS.otherChanges);
  return {
    actor,
    from,
    to,
    countsByType: Object.fromEntries(counts.map(({ type, count }) => [type, Number(count)])),
    events: shown.map(eventOfRow),
    truncated: rows.length > shown.length,
  };
}
