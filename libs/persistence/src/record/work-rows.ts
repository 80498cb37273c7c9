import type { TagOutcome, TransactionalQuery } from '#application';
import type { TagHint, TagRef } from '#domain';
import { CHANNELS } from './channels.js';
import { tagIdOf } from './tag-rows.js';

/** Makes tags due for the enforcer, now; one that it is just looking at will be looked at again. */
export async function queueEnforcement(
  query: TransactionalQuery,
  tags: readonly { tagId: string; ref: TagRef }[],
  byHand = false,
): Promise<void> {
  if (tags.length === 0) return;
  await query(
    `WITH due AS (
       INSERT INTO enforcement (tag_id, registry, next_at, by_hand, asked_in)
       SELECT id, registry, now(), $3, CASE WHEN $3 THEN 1 END FROM unnest($1::uuid[], $2::text[]) AS t (id, registry)
       ON CONFLICT (tag_id) DO UPDATE SET next_at = now(), attempts = 0, generation = enforcement.generation + 1,
         by_hand = enforcement.by_hand OR excluded.by_hand,
         asked_in = CASE WHEN excluded.by_hand THEN enforcement.generation + 1 ELSE enforcement.asked_in END)
     SELECT pg_notify($4, '')`,
    [tags.map(({ tagId }) => tagId), tags.map(({ ref }) => ref.registry), byHand, CHANNELS.enforcement],
  );
}

/**
 * Late enough that the tag is written: a registry may notify a push before that, and what it shows till then would be sealed.
 */
const OBSERVE_AFTER_MS = 2_000;

/** Queues a look at the registry for tags that a rule covers, and that no event since has sealed. */
export async function queueObservations(query: TransactionalQuery, outcomes: readonly TagOutcome[]): Promise<void> {
  const unsealed = outcomes.filter(({ changes: { wantsSeal } }) => wantsSeal).map(({ ref }) => ref);
  if (unsealed.length === 0) return;
  await query(
    `INSERT INTO observation (tag_id, registry, repository, tag, next_at)
     SELECT id, registry, repository, tag, now() + $5 * interval '1 millisecond'
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS t (id, registry, repository, tag)
     ON CONFLICT (tag_id) DO UPDATE SET next_at = least(observation.next_at, excluded.next_at), attempts = 0, lease_until = NULL`,
    [
      unsealed.map(tagIdOf),
      unsealed.map(({ registry }) => registry),
      unsealed.map(({ repository }) => repository),
      unsealed.map(({ tag }) => tag),
      OBSERVE_AFTER_MS,
    ],
  );
}

/** Queues a look at the registry, at once, for tags that changed and whose digest nobody has told. Of one tag the last hint counts. */
export async function queueHints(query: TransactionalQuery, hints: readonly TagHint[]): Promise<void> {
  const last = [...new Map(hints.map((hint) => [tagIdOf(hint), hint])).entries()];
  await query(
    `INSERT INTO observation (tag_id, registry, repository, tag, next_at, hint)
     SELECT id, registry, repository, tag, now(), hint
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[]) AS t (id, registry, repository, tag, hint)
     ON CONFLICT (tag_id) DO UPDATE SET next_at = excluded.next_at, attempts = 0, hint = excluded.hint, seen = NULL,
       lease_until = NULL`,
    [
      last.map(([id]) => id),
      last.map(([, { registry }]) => registry),
      last.map(([, { repository }]) => repository),
      last.map(([, { tag }]) => tag),
      last.map(([, { registry: _, repository: __, tag: ___, ...hint }]) => JSON.stringify(hint)),
    ],
  );
  await query('SELECT pg_notify($1, $2)', [CHANNELS.observation, '']);
}

/** Queues the fetching of sealed manifests that are not in the vault whole. */
export async function queueVaultFetches(query: TransactionalQuery, outcomes: readonly TagOutcome[]): Promise<void> {
  const sealed = outcomes.flatMap(({ ref, changes: { hasNewSeal, state } }) =>
    hasNewSeal && state.seal !== null ? [{ ref, digest: state.seal.digest }] : [],
  );
  if (sealed.length === 0) return;
  await query(
    `WITH missing AS (
       INSERT INTO vault_fetch (registry, repository, digest, tag, next_at)
       SELECT DISTINCT ON (s.registry, s.repository, s.digest) s.registry, s.repository, s.digest, s.tag, now()
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS s (registry, repository, digest, tag)
       LEFT JOIN manifest m ON m.digest = s.digest
       WHERE m.digest IS NULL OR EXISTS (
         SELECT FROM unnest(m.children) AS child WHERE NOT EXISTS (SELECT FROM manifest c WHERE c.digest = child))
       ON CONFLICT DO NOTHING RETURNING 1)
     SELECT pg_notify($5, '') WHERE EXISTS (SELECT FROM missing)`,
    [
      sealed.map(({ ref }) => ref.registry),
      sealed.map(({ ref }) => ref.repository),
      sealed.map(({ digest }) => digest),
      sealed.map(({ ref }) => ref.tag),
      CHANNELS.vault,
    ],
  );
}
