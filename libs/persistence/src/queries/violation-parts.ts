import type { DataSource } from 'typeorm';
import type { PullView, RecordedExposure, ViolationView } from '#contracts';
import type { Instant } from '#domain';

type Restoration = ViolationView['restorations'][number];
type PullerView = RecordedExposure['pulls']['pullers'][number];

/** A pool of connections, or one transaction. */
export type Queryable = Pick<DataSource, 'query'>;

const RESTORATIONS_SHOWN = 100;

const LOAD_RESTORATIONS = `
SELECT r.* FROM unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
  SELECT * FROM restoration WHERE violation_id = wanted.id ORDER BY attempt DESC LIMIT $2) r
ORDER BY r.violation_id, r.attempt`;

type RestorationRow = {
  violation_id: string;
  attempt: number;
  started_at: Instant;
  ended_at: Instant;
  outcome: Restoration['outcome'];
  reason: string | null;
  missing_blobs: string[];
};

/** The last attempts of each violation, oldest first. */
export async function loadRestorations(
  dataSource: Queryable,
  ids: readonly string[],
): Promise<(id: string) => Restoration[]> {
  const rows = (await dataSource.query(LOAD_RESTORATIONS, [ids, RESTORATIONS_SHOWN])) as RestorationRow[];
  const byViolation = byViolationOf(rows);
  return (id) => (byViolation.get(id) ?? []).map(restorationOfRow);
}

const restorationOfRow = (row: RestorationRow): Restoration => ({
  attempt: row.attempt,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  outcome: row.outcome,
  reason: row.reason,
  missingBlobs: row.missing_blobs,
});

/** When it was put right or ended; null while it stands. What was withdrawn never was. */
export const EXPOSURE_ENDED = `coalesce(least(v.restored_at, v.ended_at), CASE WHEN v.state = 'withdrawn' THEN v.detected_at END)`;
export const EXPOSED_UNTIL = `coalesce(${EXPOSURE_ENDED}, now())`;

const PULLED = `e.digest = v.found_digest AND e.occurred_at BETWEEN v.detected_at AND ${EXPOSED_UNTIL}
  AND e.registry = v.registry AND e.repository = v.repository AND e.type = 'pulled'
  AND coalesce(e.claims->>'userAgent', '') NOT LIKE 'tagwarden/%'`;

/** The latest $2 pulls of a violation's exposure by who made them, most pulls first, at most $3. */
const LOAD_PULLERS = `
SELECT actor, address, user_agent, count(*) AS count, min(occurred_at) AS first_at, max(occurred_at) AS last_at FROM (
  SELECT e.actor, e.claims->>'address' AS address, e.claims->>'userAgent' AS user_agent, e.occurred_at
  FROM violation v CROSS JOIN LATERAL (SELECT * FROM event e WHERE ${PULLED} ORDER BY e.occurred_at DESC, e.id DESC LIMIT $2) e
  WHERE v.id = $1 AND v.found_digest <> v.sealed_digest) pulled
GROUP BY actor, address, user_agent ORDER BY count(*) DESC, max(occurred_at) DESC, actor, address, user_agent LIMIT $3`;

const LOAD_PULLS = `
SELECT v.id AS violation_id, counted.count, e.* FROM violation v
CROSS JOIN LATERAL (SELECT count(*) AS count FROM event e WHERE ${PULLED}) counted
CROSS JOIN LATERAL (
  SELECT e.digest, e.actor, e.occurred_at, e.claims->>'address' AS address, e.claims->>'userAgent' AS user_agent
  FROM event e WHERE ${PULLED} ORDER BY e.occurred_at DESC, e.id DESC LIMIT $2) e
WHERE v.id = ANY($1::uuid[]) AND v.found_digest <> v.sealed_digest
ORDER BY v.id, e.occurred_at DESC`;

type PullRow = {
  violation_id: string;
  count: string;
  digest: string;
  actor: string | null;
  occurred_at: Instant;
  address: string | null;
  user_agent: string | null;
};

/** Who pulled what each violation put under the tag, newest first, and how many did. */
export async function loadPulls(
  dataSource: Queryable,
  ids: readonly string[],
  limit: number,
): Promise<(id: string) => { pullCount: number; pulls: PullView[] }> {
  const rows = (await dataSource.query(LOAD_PULLS, [ids, limit])) as PullRow[];
  const byViolation = byViolationOf(rows);
  return (id) => {
    const own = byViolation.get(id) ?? [];
    return { pullCount: Number(own[0]?.count ?? 0), pulls: own.map(pullOfRow) };
  };
}

type PullerRow = {
  actor: string | null;
  address: string | null;
  user_agent: string | null;
  count: string;
  first_at: Instant;
  last_at: Instant;
};

/** Of the newest `grouped` pulls of what a violation put under the tag: by whom and how often, most pulls first. */
export async function loadPullers(
  source: Queryable,
  id: string,
  { grouped, limit }: { grouped: number; limit: number },
): Promise<PullerView[]> {
  const rows = (await source.query(LOAD_PULLERS, [id, grouped, limit])) as PullerRow[];
  return rows.map((row) => ({
    actor: row.actor,
    address: row.address,
    userAgent: row.user_agent,
    count: Number(row.count),
    firstAt: row.first_at,
    lastAt: row.last_at,
  }));
}

const pullOfRow = (row: PullRow): PullView => ({
  digest: row.digest,
  actor: row.actor,
  occurredAt: row.occurred_at,
  address: row.address,
  userAgent: row.user_agent,
});

function byViolationOf<Row extends { violation_id: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.violation_id);
    if (group) group.push(row);
    else groups.set(row.violation_id, [row]);
  }
  return groups;
}
