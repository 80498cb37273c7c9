import type { DataSource } from 'typeorm';
import {
  type DueSweep,
  type FinishedSweep,
  type FreeSlots,
  type SweepCoverage,
  SweepQueue,
  type TransactionalQuery,
} from '#application';
import type { RepositoryName } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { nextDueInMs } from '../due-work.js';
import { CHANNELS } from '../record/channels.js';
import { queryOf } from '../record/pg-record-store.js';
import { finishRunIfDone, lockSweep } from './finish-run.js';

/** A new registry's first sweep comes within a tenth of its interval; a shorter interval counts from now. */
const SCHEDULE = `
INSERT INTO sweep AS s (registry, next_at, cause)
SELECT registry, now() + every_ms * 0.1 * random * interval '1 millisecond', 'schedule'
FROM unnest($1::text[], $2::float8[], $3::float8[]) AS r (registry, every_ms, random) ORDER BY registry
ON CONFLICT (registry) DO NOTHING`;
const SHORTEN = `
UPDATE sweep s SET next_at = least(s.next_at, now() + r.every_ms * interval '1 millisecond')
FROM unnest($1::text[], $2::float8[]) AS r (registry, every_ms)
WHERE s.registry = r.registry AND s.next_at > now() + r.every_ms * 1.1 * interval '1 millisecond'`;

const CLAIM = `
WITH due AS (
  SELECT d.registry FROM unnest($1::text[], $2::int[]) AS free (registry, slots) CROSS JOIN LATERAL (
    SELECT registry FROM sweep s
    WHERE s.registry = free.registry AND next_at <= now() AND (lease_until IS NULL OR lease_until < now())
    LIMIT free.slots FOR UPDATE SKIP LOCKED) d),
claimed AS (
  UPDATE sweep s SET lease_until = now() + $3 * interval '1 millisecond', attempts = attempts + 1, claims = claims + 1,
    run_id = coalesce(run_id, gen_random_uuid())
  FROM due WHERE s.registry = due.registry RETURNING s.*),
begun AS (
  INSERT INTO sweep_run (id, registry, cause, started_at) SELECT run_id, registry, cause, now() FROM claimed ON CONFLICT (id) DO NOTHING)
SELECT registry, run_id AS "runId", cause, attempts, claims FROM claimed`;

/** Who was taken over finds no row here, and writes nothing. */
const MINE = 'registry = $1 AND run_id = $2 AND claims = $3';
const mineOf = ({ registry, runId, claims }: DueSweep): unknown[] => [registry, runId, claims];

const ADD = `
WITH mine AS (SELECT registry, run_id FROM sweep WHERE ${MINE} FOR SHARE)
INSERT INTO sweep_repository (run_id, registry, repository)
SELECT run_id, registry, repository FROM mine, unnest($4::text[]) AS r (repository) ON CONFLICT DO NOTHING`;

const COUNT = `
WITH ready AS (UPDATE sweep_repository SET next_at = now() WHERE run_id = $1 RETURNING 1)
UPDATE sweep_run SET listed_at = now(), coverage = $2, repositories = (SELECT count(*) FROM ready), error = NULL WHERE id = $1`;

/** The sweeps that are due, in PostgreSQL. */
export class PgSweepQueue extends SweepQueue {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override schedule(registries: readonly { registry: string; everyMs: number }[], random: () => number): Promise<void> {
    const names = registries.map(({ registry }) => registry);
    const intervals = registries.map(({ everyMs }) => everyMs);
    return this.transaction(async (query) => {
      await query(SCHEDULE, [names, intervals, registries.map(random)]);
      await query(SHORTEN, [names, intervals]);
    });
  }

  override claim(free: FreeSlots, leaseMs: number): Promise<DueSweep[]> {
    return withDatabase(() =>
      this.dataSource.query(CLAIM, [free.map(({ registry }) => registry), free.map(({ slots }) => slots), leaseMs]),
    );
  }

  override renew(sweep: DueSweep, leaseMs: number): Promise<void> {
    return this.transaction(async (query) => {
      const lease = `lease_until = now() + $4 * interval '1 millisecond'`;
      await query(`UPDATE sweep SET ${lease} WHERE ${MINE} AND lease_until IS NOT NULL`, [...mineOf(sweep), leaseMs]);
    });
  }

  override add(sweep: DueSweep, repositories: readonly RepositoryName[]): Promise<void> {
    return this.transaction(async (query) => {
      if (repositories.length > 0) await query(ADD, [...mineOf(sweep), repositories]);
    });
  }

  override listed(sweep: DueSweep, coverage: SweepCoverage, nextInMs: number): Promise<FinishedSweep | null> {
    return this.transaction(async (query) => {
      await lockSweep(query, sweep.registry);
      const [mine] = (await query(
        `UPDATE sweep SET next_at = NULL, lease_until = NULL, attempts = 0 WHERE ${MINE} RETURNING 1`,
        mineOf(sweep),
      )) as [unknown[], number];
      if (mine.length === 0) return null;
      await query(COUNT, [sweep.runId, coverage]);
      await query('SELECT pg_notify($1, $2)', [CHANNELS.sweep, '']);
      return finishRunIfDone(query, sweep.runId, nextInMs);
    });
  }

  override postpone(sweep: DueSweep, delayMs: number, error: string): Promise<void> {
    return this.transaction(async (query) => {
      await query(
        `UPDATE sweep SET lease_until = NULL, next_at = now() + $4 * interval '1 millisecond' WHERE ${MINE}`,
        [...mineOf(sweep), delayMs],
      );
      await query('UPDATE sweep_run SET error = $2 WHERE id = $1 AND listed_at IS NULL', [sweep.runId, error]);
    });
  }

  override release(sweep: DueSweep): Promise<void> {
    return this.transaction(async (query) => {
      await query(`UPDATE sweep SET lease_until = NULL, attempts = attempts - 1 WHERE ${MINE}`, mineOf(sweep));
    });
  }

  override nextDueInMs(registries: readonly string[]): Promise<number | null> {
    return nextDueInMs(this.dataSource, 'sweep', registries);
  }

  private transaction<T>(work: (query: TransactionalQuery) => Promise<T>): Promise<T> {
    return withDatabase(() => this.dataSource.transaction((manager) => work(queryOf(manager))));
  }
}
