import type { SweepCause, TransactionalQuery } from '#application';
import { CHANNELS } from '../record/channels.js';

const REQUEST = `
INSERT INTO sweep AS s (registry, next_at, cause)
SELECT registry, now(), $2 FROM unnest($1::text[]) AS r (registry) ORDER BY registry
ON CONFLICT (registry) DO UPDATE SET
  next_at = CASE WHEN s.run_id IS NULL THEN least(s.next_at, now()) ELSE s.next_at END,
  cause = CASE WHEN s.run_id IS NULL THEN excluded.cause ELSE s.cause END,
  again_cause = CASE WHEN s.run_id IS NULL THEN NULL ELSE excluded.cause END`;

/**
 * Has registries swept at once; one whose sweep runs is swept again after it, since it may have passed what this is about. Call it within
 * the transaction that gives the reason: then there is no moment in which one is true without the other.
 */
export async function requestSweeps(
  query: TransactionalQuery,
  registries: readonly string[],
  cause: Exclude<SweepCause, 'schedule'>,
): Promise<void> {
  if (registries.length === 0) return;
  await query(REQUEST, [registries, cause]);
  await query('SELECT pg_notify($1, $2)', [CHANNELS.sweep, '']);
}
