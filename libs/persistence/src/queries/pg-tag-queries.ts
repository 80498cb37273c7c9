import type { DataSource } from 'typeorm';
import { TagQueries } from '#application';
import {
  type BindingView,
  encodeCursor,
  type HistoryQuery,
  type Page,
  type ResolutionView,
  type TagsQuery,
  type TagView,
} from '#contracts';
import type { Instant, TagRef } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { tagIdOf } from '../record/tag-rows.js';
import { cutPage, Selection } from './selection.js';

type TagRow = {
  registry: string;
  repository: string;
  tag: string;
  digest: string | null;
  media_type: string | null;
  bound_at: Instant | null;
  seal_digest: string | null;
  sealed_at: Instant;
  seal_rule_id: string;
  seal_rule_name: string;
  is_violated: boolean;
  is_kept: boolean;
  is_guard_wanted: boolean;
  guard_proven_at: Instant | null;
  guard_failure: string | null;
  tripped_at: Instant | null;
};

type BindingRow = {
  digest: string;
  media_type: string | null;
  bound_at: Instant;
  unbound_at: Instant | null;
  actor: string | null;
  cause: BindingView['cause'];
  bound_by: string;
  bound_under: string | null;
  unbound_under: string | null;
};

const TAG_COLUMNS = `t.registry, t.repository, t.tag, t.digest, t.media_type, t.bound_at, t.seal_digest, t.sealed_at, t.seal_rule_id,
  t.seal_rule_name, EXISTS (SELECT FROM violation v WHERE v.tag_id = t.id AND v.ended_at IS NULL
    AND v.state IN ('detected', 'restoring', 'failed', 'audited')) AS is_violated,
  EXISTS (SELECT FROM manifest m WHERE m.digest = t.seal_digest) AND NOT EXISTS (SELECT FROM vault_fetch f
    WHERE f.registry = t.registry AND f.repository = t.repository AND f.digest = t.seal_digest) AS is_kept,
  g.digest IS NOT NULL AS is_guard_wanted, g.proven_at AS guard_proven_at, g.failure AS guard_failure,
  (SELECT b.tripped_at FROM fight_breaker b WHERE b.tag_id = t.id AND b.reset_at IS NULL) AS tripped_at`;
const BINDING_COLUMNS = 'digest, media_type, bound_at, unbound_at, actor, cause, bound_by, bound_under, unbound_under';

export class PgTagQueries extends TagQueries {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override async list({ registry, repository, tag, limit, cursor }: TagsQuery): Promise<Page<TagView>> {
    // A tag that was only ever folded anew, without an event, was never seen.
    const selection = new Selection()
      .that('t.folded_at IS NOT NULL')
      .where('t.registry = ?', registry)
      .where('t.repository = ?', repository)
      .where('t.tag = ?', tag)
      .beyond(['t.registry', 't.repository', 't.tag'], '>', cursor);
    const rows = await this.query<TagRow>(
      `SELECT ${TAG_COLUMNS} FROM tag t
       LEFT JOIN guard g ON g.registry = t.registry AND g.repository = t.repository AND g.digest = t.seal_digest ${selection}
       ORDER BY t.registry, t.repository, t.tag LIMIT ${selection.bind(limit + 1)}`,
      selection.values,
    );
    return cutPage(rows, limit, tagOfRow, (row) => encodeCursor([row.registry, row.repository, row.tag]));
  }

  override async history({ limit, cursor, ...ref }: HistoryQuery): Promise<Page<BindingView> | null> {
    if (!(await this.wasSeen(ref))) return null;
    const selection = new Selection().where('tag_id = ?', tagIdOf(ref)).beyond(['bound_at', 'bound_by'], '<', cursor);
    const rows = await this.query<BindingRow>(
      `SELECT ${BINDING_COLUMNS} FROM binding ${selection} ORDER BY bound_at DESC, bound_by DESC LIMIT ${selection.bind(limit + 1)}`,
      selection.values,
    );
    return cutPage(rows, limit, bindingOfRow, (row) => encodeCursor([row.bound_at, row.bound_by]));
  }

  override async resolve({ registry, repository, tag }: TagRef, at: Instant): Promise<ResolutionView | null> {
    const ref = { registry, repository, tag };
    if (!(await this.wasSeen(ref))) return null;
    // Bindings of a tag do not overlap: the last that began by then is the only one that can hold.
    const [row] = await this.query<BindingRow>(
      `SELECT ${BINDING_COLUMNS} FROM binding WHERE tag_id = $1 AND bound_at <= $2 ORDER BY bound_at DESC, bound_by DESC LIMIT 1`,
      [tagIdOf(ref), at],
    );
    if (!row || (row.unbound_at !== null && row.unbound_at <= at))
      return { ...ref, digest: null, mediaType: null, at, boundAt: null };
    return { ...ref, digest: row.digest, mediaType: row.media_type, at, boundAt: row.bound_at };
  }

  private async wasSeen(ref: TagRef): Promise<boolean> {
    const rows = await this.query('SELECT FROM tag WHERE id = $1 AND folded_at IS NOT NULL', [tagIdOf(ref)]);
    return rows.length > 0;
  }

  private query<Row>(sql: string, values: unknown[]): Promise<Row[]> {
    return withDatabase(() => this.dataSource.query(sql, values));
  }
}

function tagOfRow(row: TagRow): TagView {
  const { registry, repository, tag, digest } = row;
  const rule = { id: row.seal_rule_id, name: row.seal_rule_name };
  const seal =
    row.seal_digest === null
      ? null
      : { digest: row.seal_digest, sealedAt: row.sealed_at, rule, kept: row.is_kept, restorable: restorableOf(row) };
  const state = stateOf(row);
  const breaker = row.tripped_at === null ? null : { trippedAt: row.tripped_at };
  return { registry, repository, tag, digest, mediaType: row.media_type, boundAt: row.bound_at, seal, state, breaker };
}

/** A failed proof counts more than an older one that succeeded: what was there may be gone. */
function restorableOf(row: TagRow): NonNullable<TagView['seal']>['restorable'] {
  const { guard_proven_at: provenAt, guard_failure: reason } = row;
  if (reason !== null) return { state: 'guardFailed', provenAt, reason };
  if (provenAt !== null) return { state: 'guarded', provenAt, reason };
  return { state: row.is_guard_wanted || !row.is_kept ? 'pending' : 'manifest', provenAt, reason };
}

function stateOf(row: TagRow): TagView['state'] {
  if (row.is_violated) return 'violated';
  if (row.digest === null) return 'absent';
  return row.seal_digest === null ? 'open' : 'sealed';
}

const bindingOfRow = (row: BindingRow): BindingView => ({
  digest: row.digest,
  mediaType: row.media_type,
  boundAt: row.bound_at,
  unboundAt: row.unbound_at,
  actor: row.actor,
  cause: row.cause,
  eventId: row.bound_by,
  boundUnder: row.bound_under,
  unboundUnder: row.unbound_under,
});
