import type { FinishedSweep, SweepCause, TransactionalQuery } from '#application';
import type { Instant, RegistryName } from '#domain';
import { CHANNELS } from '../record/channels.js';

const KEPT_RUNS = 100;

type FinishedRow = {
  registry: RegistryName;
  cause: SweepCause;
  startedAt: Instant;
  seconds: string;
  repositories: number;
  tags: number;
  differences: number;
  failures: number;
  error: string | null;
};

const FINISH = `
UPDATE sweep_run r SET finished_at = now(), error = CASE WHEN failures > 0 THEN error END
WHERE id = $1 AND listed_at IS NOT NULL AND finished_at IS NULL AND NOT EXISTS (SELECT FROM sweep_repository WHERE run_id = $1)
RETURNING registry, cause, started_at AS "startedAt", extract(epoch FROM finished_at - started_at) AS seconds, repositories, tags,
  differences, failures, error`;

const SCHEDULE_NEXT = `
UPDATE sweep SET run_id = NULL, lease_until = NULL, attempts = 0, cause = coalesce(again_cause, 'schedule'), again_cause = NULL,
  next_at = now() + CASE WHEN again_cause IS NULL THEN $2 ELSE 0 END * interval '1 millisecond' WHERE registry = $1`;

const FORGET_OLD = `
DELETE FROM sweep_run WHERE registry = $1 AND started_at < (
  SELECT started_at FROM sweep_run WHERE registry = $1 ORDER BY started_at DESC OFFSET $2 LIMIT 1)`;

/** Holds the registry's row until the transaction ends, so that of two who finish at once the later sees what the earlier did. */
export const lockSweep = (query: TransactionalQuery, registry: string): Promise<unknown> =>
  query('SELECT FROM sweep WHERE registry = $1 FOR UPDATE', [registry]);

/** Ends the run if nothing of it is left to do, and schedules the next. Call it after `lockSweep`. */
export async function finishRunIfDone(
  query: TransactionalQuery,
  runId: string,
  nextInMs: number,
): Promise<FinishedSweep | null> {
  const [[row]] = (await query(FINISH, [runId])) as [FinishedRow[], number];
  if (row === undefined) return null;
  await query(SCHEDULE_NEXT, [row.registry, nextInMs]);
  await query(FORGET_OLD, [row.registry, KEPT_RUNS - 1]);
  await query('SELECT pg_notify($1, $2)', [CHANNELS.sweep, '']);
  return { ...row, seconds: Number(row.seconds) };
}
