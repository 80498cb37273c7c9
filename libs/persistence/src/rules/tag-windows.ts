import type { TagWindow, TransactionalQuery, WindowPage } from '#application';
import {
  type Binding,
  comparePositions,
  type Digest,
  type Instant,
  isIndexMediaType,
  type ReplayWindow,
  type RepositoryRef,
  type TagRef,
  type TimelineEvent,
} from '#domain';
import { type EventRow, TIMELINE_TYPES, timelineEventOfRow } from '../record/event-rows.js';

/** What replaying needs of an event; what its source claimed beside is left where it is. */
const COLUMNS = `id, type, registry, repository, tag, digest, media_type, actor, occurred_at, received_at, source, source_id,
  '{}'::jsonb AS claims, detail`;

type BindingRow = {
  index: string;
  digest: Digest;
  media_type: string | null;
  actor: string | null;
  cause: Binding['cause'];
  bound_at: Instant;
  bound_by: string;
};

/** Bindings of a tag do not overlap: the last that began before the time is the only one that can hold then. */
const LOAD_BINDINGS = `
SELECT wanted.index, b.* FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (tag_id, index) CROSS JOIN LATERAL (
  SELECT digest, media_type, actor, cause, bound_at, bound_by, unbound_at FROM binding
  WHERE tag_id = wanted.tag_id AND bound_at < $2 ORDER BY bound_at DESC, bound_by DESC LIMIT 1) b
WHERE b.unbound_at IS NULL OR b.unbound_at >= $2`;

const OWN_EVENTS = `event WHERE event.registry = wanted.registry AND event.repository = wanted.repository
  AND event.tag = wanted.tag AND occurred_at >= $4 AND occurred_at < $5`;
const WANTED =
  'unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS wanted (registry, repository, tag, index)';

/** Of any type: so that the index alone answers. */
const COUNT_OWN = `SELECT (SELECT count(*) FROM ${OWN_EVENTS})::int AS count FROM ${WANTED} ORDER BY wanted.index`;

const LOAD_OWN = `SELECT wanted.index, e.* FROM ${WANTED} CROSS JOIN LATERAL (
  SELECT ${COLUMNS} FROM ${OWN_EVENTS} AND type = ANY($6)) e ORDER BY e.occurred_at, e.id`;

const LOAD_REPOSITORY_WIDE = `
SELECT e.* FROM unnest($1::text[], $2::text[]) AS wanted (registry, repository) CROSS JOIN LATERAL (
  SELECT ${COLUMNS} FROM event WHERE event.registry = wanted.registry AND event.repository = wanted.repository
    AND type IN ('manifestDeleted', 'repositoryDeleted') AND occurred_at >= $3 AND occurred_at < $4
    AND (digest IS NULL OR digest = ANY($5))) e ORDER BY e.occurred_at, e.id`;

const columnsOf = (refs: readonly TagRef[]): string[][] => [
  refs.map(({ registry }) => registry),
  refs.map(({ repository }) => repository),
  refs.map(({ tag }) => tag),
];

/** How many events of its own each tag has in the window, those included that no timeline is folded from. */
export async function countOwnEvents(
  query: TransactionalQuery,
  tags: readonly TagRef[],
  { from, to }: ReplayWindow,
): Promise<number[]> {
  const rows = (await query(COUNT_OWN, [...columnsOf(tags), from, to])) as { count: number }[];
  return rows.map(({ count }) => count);
}

/** What befell these tags in the window, and what the manifests list that it is about. */
export async function loadTagWindows(
  query: TransactionalQuery,
  tags: readonly (TagRef & { readonly id: string })[],
  window: ReplayWindow,
): Promise<Pick<WindowPage, 'windows' | 'children'>> {
  const bindings = await loadBindings(query, tags, window.from);
  const own = await loadOwnEvents(query, tags, window);
  const drafts = tags.map(({ registry, repository, tag }, index) => {
    const draft = {
      ref: { registry, repository, tag },
      binding: bindings.get(index) ?? null,
      own: own.get(index) ?? [],
    };
    return { ...draft, manifests: manifestsOf(draft.binding, draft.own) };
  });
  const all = drafts.flatMap(({ manifests }) => manifests);
  const children = await loadChildren(query, all);
  const digests = new Set(all.flatMap(({ digest }) => [digest, ...(children.get(digest) ?? [])]));
  const wide = await loadRepositoryWide(query, tags, window, [...digests]);
  const windows = drafts.map(({ ref, binding, own: ownEvents, manifests }): TagWindow => {
    const mine = new Set(manifests.flatMap(({ digest }) => [digest, ...(children.get(digest) ?? [])]));
    const shared = (wide.get(repositoryKey(ref)) ?? []).filter(
      (event) => event.type !== 'manifestDeleted' || mine.has(event.digest),
    );
    return { ref, binding, events: shared.length === 0 ? ownEvents : [...ownEvents, ...shared].sort(comparePositions) };
  });
  return { windows: windows.filter(({ events }) => events.length > 0), children };
}

type NamedManifest = { readonly digest: Digest; readonly mediaType: string | null };

/** The manifests that the tag pointed at. */
function manifestsOf(binding: Binding | null, events: readonly TimelineEvent[]): readonly NamedManifest[] {
  const named = events.flatMap((event) =>
    'mediaType' in event && event.digest !== null ? [{ digest: event.digest, mediaType: event.mediaType }] : [],
  );
  return binding === null ? named : [binding, ...named];
}

async function loadBindings(
  query: TransactionalQuery,
  tags: readonly { readonly id: string }[],
  at: Instant,
): Promise<Map<number, Binding>> {
  const rows = (await query(LOAD_BINDINGS, [tags.map(({ id }) => id), at])) as BindingRow[];
  return new Map(rows.map((row) => [Number(row.index) - 1, bindingOfRow(row)]));
}

const bindingOfRow = ({ digest, media_type, actor, cause, bound_at, bound_by }: BindingRow): Binding => ({
  digest,
  mediaType: media_type,
  actor,
  cause,
  bound: { occurredAt: bound_at, id: bound_by as Binding['bound']['id'] },
  unbound: null,
  boundUnder: null,
  unboundUnder: null,
});

async function loadOwnEvents(
  query: TransactionalQuery,
  tags: readonly TagRef[],
  { from, to }: ReplayWindow,
): Promise<Map<number, TimelineEvent[]>> {
  const rows = await query(LOAD_OWN, [...columnsOf(tags), from, to, TIMELINE_TYPES]);
  const byTag = new Map<number, TimelineEvent[]>();
  for (const row of rows as (EventRow & { index: string })[]) {
    const index = Number(row.index) - 1;
    const events = byTag.get(index) ?? [];
    events.push(timelineEventOfRow(row));
    byTag.set(index, events);
  }
  return byTag;
}

async function loadChildren(
  query: TransactionalQuery,
  manifests: readonly NamedManifest[],
): Promise<Map<Digest, readonly Digest[]>> {
  const mayBeIndexes = manifests.filter(({ mediaType }) => mediaType === null || isIndexMediaType(mediaType));
  const digests = [...new Set(mayBeIndexes.map(({ digest }) => digest))];
  if (digests.length === 0) return new Map();
  const rows = await query('SELECT digest, children FROM manifest WHERE digest = ANY($1)', [digests]);
  return new Map((rows as { digest: Digest; children: Digest[] }[]).map(({ digest, children }) => [digest, children]));
}

async function loadRepositoryWide(
  query: TransactionalQuery,
  tags: readonly TagRef[],
  { from, to }: ReplayWindow,
  digests: readonly Digest[],
): Promise<Map<string, TimelineEvent[]>> {
  const repositories = [...new Map(tags.map((ref) => [repositoryKey(ref), ref])).values()];
  const [registries, names] = columnsOf(repositories);
  const rows = (await query(LOAD_REPOSITORY_WIDE, [registries, names, from, to, digests])) as EventRow[];
  const byRepository = new Map<string, TimelineEvent[]>();
  for (const event of rows.map(timelineEventOfRow)) {
    const events = byRepository.get(repositoryKey(event)) ?? [];
    events.push(event);
    byRepository.set(repositoryKey(event), events);
  }
  return byRepository;
}

const repositoryKey = ({ registry, repository }: RepositoryRef): string => `${registry}/${repository}`;
