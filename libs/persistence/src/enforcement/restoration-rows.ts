import type { RestorationReport, TransactionalQuery } from '#application';

/** Writes an attempt down with each violation that it was for. */
export async function saveRestorations(
  query: TransactionalQuery,
  violationIds: readonly string[],
  report: RestorationReport,
): Promise<void> {
  await query(
    `INSERT INTO restoration (violation_id, attempt, started_at, ended_at, outcome, reason, missing_blobs)
     SELECT id, 1 + coalesce((SELECT max(attempt) FROM restoration WHERE violation_id = id), 0), $2, $3, $4, $5, $6::text[]
     FROM unnest($1::uuid[]) AS v (id)`,
    [violationIds, report.startedAt, report.endedAt, report.outcome, report.reason, report.missingBlobs],
  );
}
