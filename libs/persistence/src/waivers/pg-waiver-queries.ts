import type { DataSource } from 'typeorm';
import { WaiverQueries } from '#application';
import { encodeCursor, type Page, type WaiverState, type WaiversQuery, type WaiverView } from '#contracts';
import { compileWaiver, definitionOf, ruleOf } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { cutPage, Selection } from '../queries/selection.js';
import { type WaiverRow, waiverOfRow } from './waiver-rows.js';

const STATE = `CASE WHEN w.revoked_at IS NOT NULL THEN 'revoked' WHEN w.expires_at <= now() THEN 'expired'
  WHEN w.live_from IS NULL THEN 'pending' WHEN w.live_from > now() THEN 'scheduled' ELSE 'live' END`;
const SELECT = `SELECT * FROM (SELECT w.*, ${STATE} AS state, (SELECT count(*) FROM violation v WHERE v.waiver_id = w.id) AS used
  FROM waiver w) w`;

type SelectorsView = Pick<WaiverView, 'registries' | 'repositories' | 'tags'>;
type ViewRow = WaiverRow & { state: WaiverState; used: string };

export class PgWaiverQueries extends WaiverQueries {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override async list({ state, limit, cursor }: WaiversQuery): Promise<Page<WaiverView>> {
    const selection = new Selection().where('w.state = ?', state).beyond(['w.created_at', 'w.id'], '<', cursor);
    const order = `ORDER BY w.created_at DESC, w.id DESC LIMIT ${selection.bind(limit + 1)}`;
    const rows = await this.rows(`${SELECT} ${selection} ${order}`, selection.values);
    return cutPage(rows, limit, viewOf, (row) => encodeCursor([row.created_at, row.id]));
  }

  override async find(id: string): Promise<WaiverView | null> {
    const [row] = await this.rows(`${SELECT} WHERE w.id = $1`, [id]);
    return row === undefined ? null : viewOf(row);
  }

  private rows(sql: string, values: unknown[]): Promise<ViewRow[]> {
    return withDatabase(() => this.dataSource.query(sql, values));
  }
}

/** Every default spelled out, which the type of a definition does not say. */
function viewOf(row: ViewRow): WaiverView {
  const { definition, liveFrom: _, ...waiver } = waiverOfRow(row);
  const selectors = definitionOf(ruleOf({ ...definition, name: row.id }, { id: row.id, origin: 'api' }));
  const { registries, repositories, tags } = selectors as unknown as SelectorsView;
  const { permit, digest, uses } = compileWaiver(definition, {
    id: row.id,
    from: row.starts_at,
    until: row.expires_at,
  }).window;
  const used = Number(row.used);
  return { ...waiver, state: row.state, registries, repositories, tags, permit: [...permit], digest, uses, used };
}
