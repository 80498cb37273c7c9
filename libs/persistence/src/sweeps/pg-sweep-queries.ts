import type { DataSource } from 'typeorm';
import { SweepQueries, type SweepStanding } from '#application';
import type { Instant } from '#domain';
import { withDatabase } from '../database-unavailable.js';

type SweepCause = NonNullable<SweepStanding['running']>['cause'];

type StandingRow = {
  registry: string;
  next_at: Instant | null;
  next_cause: SweepCause;
  again_cause: Exclude<SweepCause, 'schedule'> | null;
  run_cause: SweepCause | null;
  run_started_at: Instant;
  run_listed_at: Instant | null;
  run_repositories: number;
  run_done: number;
  run_tags: string;
  run_differences: string;
  run_error: string | null;
  last_cause: SweepCause | null;
  last_started_at: Instant;
  last_finished_at: Instant;
  last_coverage: 'catalog' | 'known';
  last_repositories: number;
  last_tags: number;
  last_differences: number;
  last_failures: number;
  last_error: string | null;
};

const LAST =
  'SELECT * FROM sweep_run f WHERE f.registry = s.registry AND f.finished_at IS NOT NULL ORDER BY f.started_at DESC LIMIT 1';

const STANDINGS = `
SELECT s.registry, s.next_at, s.cause AS next_cause, s.again_cause, r.cause AS run_cause, r.started_at AS run_started_at,
  r.listed_at AS run_listed_at, r.repositories AS run_repositories, r.repositories_done AS run_done,
  r.tags + p.tags AS run_tags, r.differences + p.differences AS run_differences, r.error AS run_error,
  l.cause AS last_cause, l.started_at AS last_started_at, l.finished_at AS last_finished_at, l.coverage AS last_coverage,
  l.repositories AS last_repositories, l.tags AS last_tags, l.differences AS last_differences, l.failures AS last_failures,
  l.error AS last_error
FROM sweep s LEFT JOIN sweep_run r ON r.id = s.run_id
LEFT JOIN LATERAL (
  SELECT coalesce(sum(tags), 0) AS tags, coalesce(sum(differences), 0) AS differences FROM sweep_repository w WHERE w.run_id = s.run_id) p ON true
LEFT JOIN LATERAL (${LAST}) l ON true
WHERE s.registry = ANY($1)`;

export class PgSweepQueries extends SweepQueries {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override async standings(registries: readonly string[]): Promise<Map<string, SweepStanding>> {
    const rows = await this.query<StandingRow>(STANDINGS, [registries]);
    return new Map(rows.map((row) => [row.registry, standingOf(row)]));
  }

  override async lastBegun(registries: readonly string[]): Promise<Map<string, Instant>> {
    const rows = await this.query<{ registry: string; started_at: Instant }>(
      `SELECT s.registry, l.started_at FROM sweep s CROSS JOIN LATERAL (${LAST}) l WHERE s.registry = ANY($1)`,
      [registries],
    );
    return new Map(rows.map(({ registry, started_at }) => [registry, started_at]));
  }

  private query<Row>(sql: string, values: unknown[]): Promise<Row[]> {
    return withDatabase(() => this.dataSource.query(sql, values));
  }
}

function standingOf(row: StandingRow): SweepStanding {
  const isRunning = row.run_cause !== null;
  const isAskedFor = !isRunning && row.next_cause !== 'schedule';
  return {
    nextAt: isRunning ? null : row.next_at,
    pending: isAskedFor ? (row.next_cause as Exclude<SweepCause, 'schedule'>) : row.again_cause,
    running: runningOf(row),
    last: lastOf(row),
  };
}

function runningOf(row: StandingRow): SweepStanding['running'] {
  if (row.run_cause === null) return null;
  return {
    cause: row.run_cause,
    startedAt: row.run_started_at,
    repositories: row.run_listed_at === null ? null : row.run_repositories,
    repositoriesDone: row.run_done,
    tags: Number(row.run_tags),
    differences: Number(row.run_differences),
    error: row.run_error,
  };
}

function lastOf(row: StandingRow): SweepStanding['last'] {
  if (row.last_cause === null) return null;
  return {
    cause: row.last_cause,
    startedAt: row.last_started_at,
    finishedAt: row.last_finished_at,
    coverage: row.last_coverage,
    repositories: row.last_repositories,
    tags: row.last_tags,
    differences: row.last_differences,
    failures: row.last_failures,
    error: row.last_error,
  };
}
