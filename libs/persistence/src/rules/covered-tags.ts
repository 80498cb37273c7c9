import type { TagPosition, TagSelection } from '#application';
import type { Digest, RepositoryRef, TagRef } from '#domain';
import type { Queryable } from '../queries/violation-parts.js';

const TAGS_READ = 500;
const REPOSITORIES_READ = 500;

export type TagRow = TagRef & { readonly id: string; readonly digest: Digest | null; readonly is_sealed: boolean };

/** Some of the record's tags, in their order. */
export type TagRows = {
  readonly covered: readonly TagRow[];
  readonly examined: number;
  /** null where there are no more. */
  readonly end: TagPosition | null;
};

/** A tag that was only ever folded anew, without an event, was never seen. */
const NEXT_TAGS = `SELECT id, registry, repository, tag, digest, seal_digest IS NOT NULL AS is_sealed FROM tag
WHERE (registry, repository, tag) > ($1, $2, $3) AND folded_at IS NOT NULL ORDER BY registry, repository, tag LIMIT $4`;

/** One descent of the index a repository, however many tags that has. */
const NEXT_REPOSITORIES = `
WITH RECURSIVE found AS (
  (SELECT registry, repository, 1 AS number FROM tag WHERE (registry, repository) > ($1, $2)
   ORDER BY registry, repository LIMIT 1)
  UNION ALL
  SELECT next.registry, next.repository, number + 1 FROM found CROSS JOIN LATERAL (
    SELECT registry, repository FROM tag WHERE (tag.registry, tag.repository) > (found.registry, found.repository)
    ORDER BY registry, repository LIMIT 1) next
  WHERE number < $3)
SELECT registry, repository FROM found`;

/** The record's tags that are selected, by name. Repositories that the selection does not reach are jumped over. */
export async function* walkCoveredTags(
  dataSource: Queryable,
  selection: TagSelection,
  after: TagPosition | null,
): AsyncGenerator<TagRows> {
  let position = after ?? (await nextReached(dataSource, selection, ['', '']));
  while (position !== null) {
    const rows = (await dataSource.query(NEXT_TAGS, [...position, TAGS_READ])) as TagRow[];
    const last = rows.length < TAGS_READ ? undefined : rows.at(-1);
    const end = last === undefined ? null : await positionAfter(dataSource, selection, last);
    yield { covered: rows.filter((row) => selection.covers(row)), examined: rows.length, end };
    position = end;
  }
}

function positionAfter(dataSource: Queryable, selection: TagSelection, last: TagRow): Promise<TagPosition | null> {
  const { registry, repository, tag } = last;
  return selection.reachesRepository(last)
    ? Promise.resolve([registry, repository, tag])
    : nextReached(dataSource, selection, [registry, repository]);
}

/** Before the first tag of the next repository that the selection reaches. */
async function nextReached(
  dataSource: Queryable,
  selection: TagSelection,
  after: readonly [string, string],
): Promise<TagPosition | null> {
  for (let last = after; ; ) {
    const rows = await nextRepositories(dataSource, last, REPOSITORIES_READ);
    const reached = rows.find((row) => selection.reachesRepository(row));
    if (reached) return [reached.registry, reached.repository, ''];
    const end = rows.at(-1);
    if (end === undefined || rows.length < REPOSITORIES_READ) return null;
    last = [end.registry, end.repository];
  }
}

export function nextRepositories(
  dataSource: Queryable,
  after: readonly [string, string],
  limit: number,
): Promise<RepositoryRef[]> {
  return dataSource.query(NEXT_REPOSITORIES, [...after, limit]) as Promise<RepositoryRef[]>;
}
