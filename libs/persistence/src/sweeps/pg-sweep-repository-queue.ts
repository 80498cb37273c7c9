import type { DataSource } from 'typeorm';
import {
  type DueRepository,
  type FinishedSweep,
  type FreeSlots,
  type SweepDifferences,
  SweepRepositoryQueue,
  type TransactionalQuery,
} from '#application';
import { withDatabase } from '../database-unavailable.js';
import { nextDueInMs } from '../due-work.js';
import { queryOf } from '../record/pg-record-store.js';
import { finishRunIfDone, lockSweep } from './finish-run.js';

const CLAIM = `
WITH due AS (
  SELECT d.run_id, d.repository FROM unnest($1::text[], $2::int[]) AS free (registry, slots) CROSS JOIN LATERAL (
    SELECT run_id, repository FROM sweep_repository s
    WHERE s.registry = free.registry AND next_at <= now() AND (lease_until IS NULL OR lease_until < now())
    ORDER BY next_at LIMIT free.slots FOR UPDATE SKIP LOCKED) d)
UPDATE sweep_repository s SET lease_until = now() + $3 * interval '1 millisecond', attempts = attempts + 1, claims = claims + 1, tags = 0
FROM due WHERE s.run_id = due.run_id AND s.repository = due.repository
RETURNING s.run_id AS "runId", s.registry, s.repository, s.attempts, s.claims`;

/** Who was taken over finds no row here, and writes nothing. */
const MINE = 'run_id = $1 AND repository = $2 AND claims = $3 AND lease_until IS NOT NULL';
const mineOf = ({ runId, repository, claims }: DueRepository): unknown[] => [runId, repository, claims];

const COUNT_DONE = `
UPDATE sweep_run SET repositories_done = repositories_done + 1, tags = tags + $2, differences = differences + $3,
  overwritten = overwritten + $5, deleted = deleted + $6,
  failures = failures + CASE WHEN $4::text IS NULL THEN 0 ELSE 1 END,
  error = CASE WHEN $4::text IS NULL AND failures = 0 THEN NULL ELSE coalesce($4::text, error) END
WHERE id = $1`;

/** The work list of `SweepRepository` in PostgreSQL. */
export class PgSweepRepositoryQueue extends SweepRepositoryQueue {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override claim(free: FreeSlots, leaseMs: number): Promise<DueRepository[]> {
    return withDatabase(async () => {
      const parameters = [free.map(({ registry }) => registry), free.map(({ slots }) => slots), leaseMs];
      const [rows] = (await this.dataSource.query(CLAIM, parameters)) as [DueRepository[], number];
      return rows;
    });
  }

  override renew(due: DueRepository, leaseMs: number): Promise<void> {
    return this.update(due, `lease_until = now() + $4 * interval '1 millisecond'`, leaseMs);
  }

  override progress(due: DueRepository, tags: number, found: SweepDifferences): Promise<void> {
    const counts = 'differences = differences + $5, overwritten = overwritten + $6, deleted = deleted + $7';
    return this.update(due, `tags = $4, ${counts}`, tags, found.differences, found.overwritten, found.deleted);
  }

  override finish(due: DueRepository, error: string | null, nextInMs: number): Promise<FinishedSweep | null> {
    return this.transaction(async (query) => {
      await lockSweep(query, due.registry);
      const [[row]] = (await query(
        `DELETE FROM sweep_repository WHERE ${MINE} RETURNING tags, differences, overwritten, deleted`,
        mineOf(due),
      )) as [({ tags: number } & SweepDifferences)[], number];
      if (row === undefined) return null;
      await query(COUNT_DONE, [due.runId, row.tags, row.differences, error, row.overwritten, row.deleted]);
      return finishRunIfDone(query, due.runId, nextInMs);
    });
  }

  override postpone(due: DueRepository, delayMs: number, error: string): Promise<void> {
    return this.update(
      due,
      `lease_until = NULL, next_at = now() + $4 * interval '1 millisecond', error = $5`,
      delayMs,
      error,
    );
  }

  override hold(due: DueRepository, delayMs: number, error: string): Promise<void> {
    return this.transaction(async (query) => {
      await query(
        `UPDATE sweep_repository SET next_at = now() + $2 * interval '1 millisecond'
         WHERE registry = $1 AND next_at < now() + $2 * interval '1 millisecond'`,
        [due.registry, delayMs],
      );
      await query(`UPDATE sweep_repository SET lease_until = NULL, attempts = attempts - 1, error = $4 WHERE ${MINE}`, [
        ...mineOf(due),
        error,
      ]);
      await query('UPDATE sweep_run SET error = $2 WHERE id = $1', [due.runId, error]);
    });
  }

  override release(due: DueRepository): Promise<void> {
    return this.update(due, 'lease_until = NULL, attempts = attempts - 1');
  }

  override nextDueInMs(registries: readonly string[]): Promise<number | null> {
    return nextDueInMs(this.dataSource, 'sweep_repository', registries);
  }

  private update(due: DueRepository, change: string, ...values: unknown[]): Promise<void> {
    return withDatabase(async () => {
      await this.dataSource.query(`UPDATE sweep_repository SET ${change} WHERE ${MINE}`, [...mineOf(due), ...values]);
    });
  }

  private transaction<T>(work: (query: TransactionalQuery) => Promise<T>): Promise<T> {
    return withDatabase(() => this.dataSource.transaction((manager) => work(queryOf(manager))));
  }
}
