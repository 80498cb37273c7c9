import type { TagOutcome, TransactionalQuery } from '#application';
import type { Digest, RepositoryRef } from '#domain';
import { CHANNELS } from '../record/channels.js';

export type SealToGuard = RepositoryRef & { readonly digest: Digest };

/** What was sealed just now under a rule that asks for a guard. */
export const sealsToGuard = (outcomes: readonly TagOutcome[]): SealToGuard[] =>
  outcomes.flatMap(({ ref: { registry, repository }, changes: { wantsGuard, state } }) =>
    wantsGuard && state.seal !== null ? [{ registry, repository, digest: state.seal.digest }] : [],
  );

/** Has digests brought into their guard repositories, now; what is proven already keeps its time. */
export async function queueGuards(query: TransactionalQuery, seals: readonly SealToGuard[]): Promise<void> {
  if (seals.length === 0) return;
  await query(
    `WITH due AS (
       INSERT INTO guard AS g (registry, repository, digest, next_at)
       SELECT DISTINCT registry, repository, digest, now()
       FROM unnest($1::text[], $2::text[], $3::text[]) AS s (registry, repository, digest) ORDER BY 1, 2, 3
       ON CONFLICT (registry, repository, digest) DO UPDATE SET attempts = 0,
         next_at = CASE WHEN g.proven_at IS NULL OR g.failure IS NOT NULL THEN least(g.next_at, now()) ELSE g.next_at END)
     SELECT pg_notify($4, '')`,
    [
      seals.map(({ registry }) => registry),
      seals.map(({ repository }) => repository),
      seals.map(({ digest }) => digest),
      CHANNELS.guard,
    ],
  );
}
