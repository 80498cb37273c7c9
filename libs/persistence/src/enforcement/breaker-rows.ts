import type { DueTag, Fight, TransactionalQuery } from '#application';
import type { Instant } from '#domain';
import type { ServiceEvent } from '../record/service-events.js';

export type Trip = {
  readonly tag: DueTag;
  readonly fight: Fight;
  readonly reason: string;
  readonly violationId: string;
  readonly at: Instant;
};

const TRIP = `
INSERT INTO fight_breaker AS b (tag_id, registry, repository, tag, tripped_at, restorations, window_ms, reason, violation_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (tag_id) DO UPDATE SET tripped_at = excluded.tripped_at, restorations = excluded.restorations,
  window_ms = excluded.window_ms, reason = excluded.reason, violation_id = excluded.violation_id, reset_at = NULL
WHERE b.reset_at IS NOT NULL RETURNING 1`;

/** The audit event of tripping it; null where it is tripped already. */
export async function tripBreaker(
  query: TransactionalQuery,
  { tag, fight, reason, violationId, at }: Trip,
): Promise<ServiceEvent | null> {
  const { registry, repository, tag: name } = tag.ref;
  const { restorations, windowMs } = fight;
  const parameters = [tag.tagId, registry, repository, name, at, restorations, windowMs, reason, violationId];
  const tripped = (await query(TRIP, parameters)) as unknown[];
  if (tripped.length === 0) return null;
  return {
    type: 'breakerTripped',
    ...tag.ref,
    digest: tag.seal?.digest ?? null,
    actor: 'tagwarden',
    source: 'enforcer',
    at,
    detail: { tagId: tag.tagId, violationId, restorations, windowMs, reason },
  };
}
