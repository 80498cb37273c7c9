import type { RepositoryWideEvent, TagOutcome, TransactionalQuery } from '#application';
import { type Binding, deriveId, formatTagRef, type Instant, type Seal, type TagRef, type TagState } from '#domain';
import { columnsOf } from './array-literal.js';

/** A batch asks for a tag's id in several places, by the same reference. */
const derivedIds = new WeakMap<TagRef, string>();

/** The id of a tag's row. */
export function tagIdOf(ref: TagRef): string {
  const known = derivedIds.get(ref);
  if (known !== undefined) return known;
  const id = deriveId('tag', ref.registry, ref.repository, ref.tag);
  derivedIds.set(ref, id);
  return id;
}

type StateRow = {
  registry: string;
  repository: string;
  tag: string;
  digest: string | null;
  media_type: string | null;
  actor: string | null;
  cause: string | null;
  bound_at: Instant | null;
  bound_by: string | null;
  seal_digest: string | null;
  seal_media_type: string | null;
  sealed_at: Instant | null;
  sealed_by: string | null;
  seal_rule_id: string | null;
  seal_rule_name: string | null;
  folded_at: Instant | null;
  folded_by: string | null;
  waiver_uses: Record<string, number> | null;
  bound_under: string | null;
};

export async function loadTagStates(
  query: TransactionalQuery,
  refs: readonly TagRef[],
): Promise<Map<string, TagState>> {
  const rows = (await query('SELECT * FROM tag WHERE id = ANY($1::uuid[]) FOR UPDATE', [
    refs.map(tagIdOf),
  ])) as StateRow[];
  return new Map(rows.map((row) => [formatTagRef(row as unknown as TagRef), stateOfRow(row)]));
}

export type SealColumns = Pick<
  StateRow,
  'seal_digest' | 'seal_media_type' | 'sealed_at' | 'sealed_by' | 'seal_rule_id' | 'seal_rule_name'
>;

export function sealOfRow(row: SealColumns): Seal | null {
  if (row.seal_digest === null) return null;
  const rule = { id: row.seal_rule_id, name: row.seal_rule_name };
  const seal = {
    digest: row.seal_digest,
    mediaType: row.seal_media_type,
    sealedAt: row.sealed_at,
    sealedBy: row.sealed_by,
    rule,
  };
  return seal as Seal;
}

function stateOfRow(row: StateRow): TagState {
  const binding =
    row.digest === null
      ? null
      : {
          digest: row.digest,
          mediaType: row.media_type,
          actor: row.actor,
          cause: row.cause,
          bound: { occurredAt: row.bound_at, id: row.bound_by },
          unbound: null,
          boundUnder: row.bound_under,
          unboundUnder: null,
        };
  const seal = sealOfRow(row);
  const foldedTo = row.folded_at === null ? null : { occurredAt: row.folded_at, id: row.folded_by };
  return { binding, seal, foldedTo, waiverUses: row.waiver_uses } as TagState;
}

const SAVE_TAGS = `
INSERT INTO tag (id, registry, repository, tag, digest, media_type, actor, cause, bound_at, bound_by,
  seal_digest, seal_media_type, sealed_at, sealed_by, seal_rule_id, seal_rule_name, folded_at, folded_by,
  waiver_uses, bound_under)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[],
  $10::uuid[], $11::text[], $12::text[], $13::timestamptz[], $14::uuid[], $15::text[], $16::text[], $17::timestamptz[], $18::uuid[],
  $19::jsonb[], $20::uuid[])
ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, media_type = excluded.media_type, actor = excluded.actor, cause = excluded.cause,
  bound_at = excluded.bound_at, bound_by = excluded.bound_by, seal_digest = excluded.seal_digest,
  seal_media_type = excluded.seal_media_type, sealed_at = excluded.sealed_at, sealed_by = excluded.sealed_by,
  seal_rule_id = excluded.seal_rule_id, seal_rule_name = excluded.seal_rule_name,
  folded_at = excluded.folded_at, folded_by = excluded.folded_by,
  waiver_uses = excluded.waiver_uses, bound_under = excluded.bound_under`;

export async function saveTagStates(query: TransactionalQuery, outcomes: readonly TagOutcome[]): Promise<void> {
  const rows = outcomes.map(
    ({
      ref,
      changes: {
        state: { binding, seal, foldedTo, waiverUses },
      },
    }) => [
      tagIdOf(ref),
      ref.registry,
      ref.repository,
      ref.tag,
      binding?.digest,
      binding?.mediaType,
      binding?.actor,
      binding?.cause,
      binding?.bound.occurredAt,
      binding?.bound.id,
      seal?.digest,
      seal?.mediaType,
      seal?.sealedAt,
      seal?.sealedBy,
      seal?.rule.id,
      seal?.rule.name,
      foldedTo?.occurredAt,
      foldedTo?.id,
      waiverUses && JSON.stringify(waiverUses),
      binding?.boundUnder,
    ],
  );
  await query(SAVE_TAGS, columnsOf(rows));
}

const SAVE_BINDINGS = `
INSERT INTO binding (tag_id, bound_at, bound_by, digest, media_type, actor, cause, unbound_at, unbound_by, bound_under, unbound_under)
SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::uuid[],
  $10::uuid[], $11::uuid[])
ON CONFLICT (tag_id, bound_at, bound_by) DO UPDATE SET unbound_at = excluded.unbound_at, unbound_by = excluded.unbound_by,
  bound_under = excluded.bound_under, unbound_under = excluded.unbound_under`;

export async function saveBindings(query: TransactionalQuery, outcomes: readonly TagOutcome[]): Promise<void> {
  const anew = outcomes.filter(({ anew }) => anew).map(({ ref }) => tagIdOf(ref));
  if (anew.length > 0) await query('DELETE FROM binding WHERE tag_id = ANY($1::uuid[])', [anew]);
  const rows = outcomes.flatMap(({ ref, changes }) =>
    changes.bindings.map((binding) => bindingRow(tagIdOf(ref), binding)),
  );
  if (rows.length > 0) await query(SAVE_BINDINGS, columnsOf(rows));
}

const bindingRow = (tagId: string, { bound, unbound, ...binding }: Binding): unknown[] => [
  tagId,
  bound.occurredAt,
  bound.id,
  binding.digest,
  binding.mediaType,
  binding.actor,
  binding.cause,
  unbound?.occurredAt,
  unbound?.id,
  binding.boundUnder,
  binding.unboundUnder,
];

export async function findTagsConcerned(
  query: TransactionalQuery,
  events: readonly RepositoryWideEvent[],
): Promise<{ ref: TagRef; event: RepositoryWideEvent }[]> {
  const rows = await query(
    `WITH wanted AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w (registry, repository, digest, index))
     SELECT w.index, t.registry, t.repository, t.tag FROM wanted w
       JOIN tag t ON t.registry = w.registry AND t.repository = w.repository WHERE w.digest IS NULL
     UNION
     SELECT w.index, t.registry, t.repository, t.tag FROM wanted w JOIN binding b ON b.digest = w.digest
       JOIN tag t ON t.id = b.tag_id AND t.registry = w.registry AND t.repository = w.repository
     UNION
     SELECT w.index, t.registry, t.repository, t.tag FROM wanted w JOIN manifest m ON m.children @> ARRAY[w.digest]
       JOIN binding b ON b.digest = m.digest JOIN tag t ON t.id = b.tag_id AND t.registry = w.registry AND t.repository = w.repository
     WHERE w.digest IS NOT NULL`,
    [
      events.map((e) => e.registry),
      events.map((e) => e.repository),
      events.map((e) => (e.type === 'manifestDeleted' ? e.digest : null)),
    ],
  );
  return (rows as (TagRef & { index: string })[]).map(({ index, registry, repository, tag }) => ({
    ref: { registry, repository, tag },
    event: events[Number(index) - 1]!,
  }));
}
