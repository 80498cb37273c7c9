import type { DataSource } from 'typeorm';
import {
  type CoveredPage,
  type CoveredTag,
  ReplayableRecord,
  type TagPosition,
  type TagSelection,
  type WindowPage,
} from '#application';
import { formatTagRef, type RegistryName, type ReplayWindow, type RepositoryName, type TagRef } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { queryOf } from '../record/pg-record-store.js';
import { tagIdOf } from '../record/tag-rows.js';
import { nextRepositories, type TagRow, walkCoveredTags } from './covered-tags.js';
import { countOwnEvents, loadTagWindows } from './tag-windows.js';

export type ReadingLimits = {
  /** Held in memory together, unless one tag has more. */
  readonly events: number;
  /** That one page of covered tags may look through. */
  readonly tags: number;
};

const LIMITS: ReadingLimits = { events: 10_000, tags: 50_000 };

/** The record in PostgreSQL, read by index, a page at a time, without a lock. */
export class PgReplayableRecord extends ReplayableRecord {
  constructor(
    private readonly dataSource: DataSource,
    private readonly limits = LIMITS,
  ) {
    super();
  }

  override listCovered(selection: TagSelection, after: TagPosition | null, limit: number): Promise<CoveredPage> {
    return withDatabase(async () => {
      const tags: CoveredTag[] = [];
      let examined = 0;
      for await (const rows of walkCoveredTags(this.dataSource, selection, after)) {
        const present = rows.covered.filter(({ digest, is_sealed }) => digest !== null || is_sealed);
        const taken = present.slice(0, limit - tags.length);
        tags.push(...taken.map(coveredTagOf));
        examined += rows.examined;
        const last = taken.at(-1);
        if (taken.length < present.length && last) return { tags, end: [last.registry, last.repository, last.tag] };
        if (tags.length === limit || examined >= this.limits.tags) return { tags, end: rows.end };
      }
      return { tags, end: null };
    });
  }

  override async *walk(
    selection: TagSelection,
    window: ReplayWindow,
    after: TagPosition | null,
  ): AsyncGenerator<WindowPage> {
    const pages = walkCoveredTags(this.dataSource, selection, after);
    for (;;) {
      const { value: rows } = await withDatabase(() => pages.next());
      if (rows === undefined) return;
      const groups = await withDatabase(() => this.groupsOf(rows.covered, window));
      for (const [index, tags] of groups.entries()) {
        const found = await withDatabase(() => this.loadWindows(tags, window));
        const isLast = index === groups.length - 1;
        const end = isLast ? rows.end : positionOf(tags.at(-1));
        yield { ...found, covered: tags.length, examined: isLast ? rows.examined : 0, end };
      }
    }
  }

  override findSealed(refs: readonly TagRef[]): Promise<ReadonlySet<string>> {
    return withDatabase(async () => {
      const rows = (await this.dataSource.query(
        'SELECT registry, repository, tag FROM tag WHERE id = ANY($1::uuid[]) AND seal_digest IS NOT NULL',
        [refs.map(tagIdOf)],
      )) as TagRef[];
      return new Set(rows.map(formatTagRef));
    });
  }

  override listRepositories(registry: RegistryName, limit: number): Promise<RepositoryName[]> {
    return withDatabase(async () => {
      const names: RepositoryName[] = [];
      for (let last = ''; names.length < limit; ) {
        const rows = await nextRepositories(this.dataSource, [registry, last], Math.min(500, limit - names.length));
        const own = rows.filter((row) => row.registry === registry).map(({ repository }) => repository);
        names.push(...own);
        const end = own.at(-1);
        if (end === undefined || own.length < rows.length) break;
        last = end;
      }
      return names;
    });
  }

  /** Covered tags in their order, as many together as have few enough events. At least one group, so that a page without any is told. */
  private async groupsOf(covered: readonly TagRow[], window: ReplayWindow): Promise<readonly TagRow[][]> {
    if (covered.length === 0) return [[]];
    const counts = await countOwnEvents((sql, values) => this.dataSource.query(sql, values), covered, window);
    const groups: TagRow[][] = [];
    let held = Number.POSITIVE_INFINITY;
    for (const [index, tag] of covered.entries()) {
      const count = counts[index] ?? 0;
      if (held + count > this.limits.events) {
        groups.push([]);
        held = 0;
      }
      groups.at(-1)?.push(tag);
      held += count;
    }
    return groups;
  }

  /** One snapshot, so that bindings and events tell the same. */
  private async loadWindows(
    tags: readonly TagRow[],
    window: ReplayWindow,
  ): Promise<Pick<WindowPage, 'windows' | 'children'>> {
    if (tags.length === 0) return { windows: [], children: new Map() };
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      const query = queryOf(manager);
      await query('SET TRANSACTION READ ONLY', []);
      return loadTagWindows(query, tags, window);
    });
  }
}

const coveredTagOf = ({ registry, repository, tag, digest, is_sealed: sealed }: TagRow): CoveredTag => {
  return { registry, repository, tag, digest, sealed };
};

const positionOf = (tag: TagRef | undefined): TagPosition | null =>
  tag === undefined ? null : [tag.registry, tag.repository, tag.tag];
