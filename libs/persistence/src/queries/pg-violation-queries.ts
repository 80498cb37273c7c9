import { ViolationQueries } from '#application';
import { encodeCursor, type Page, type ViolationsQuery, type ViolationView } from '#contracts';
import { withDatabase } from '../database-unavailable.js';
import type { ViolationRow as RecordedRow } from '../record/violation-rows.js';
import { cutPage, Selection } from './selection.js';
import { EXPOSED_UNTIL, loadPulls, loadRestorations, type Queryable } from './violation-parts.js';

type ViolationRow = RecordedRow & {
  acknowledged_at: string | null;
  acknowledged_by: string | null;
  exposed_seconds: string;
  members: number | null;
};

const PULLS_OF_ONE = 1_000;
const PULLS_IN_LIST = 100;
const SELECT = `SELECT v.*, round(greatest(0, extract(epoch FROM ${EXPOSED_UNTIL} - v.detected_at)), 3) AS exposed_seconds,
  i.members FROM violation v LEFT JOIN incident i ON i.id = v.incident_id`;

export class PgViolationQueries extends ViolationQueries {
  constructor(private readonly dataSource: Queryable) {
    super();
  }

  override list({
    state,
    registry,
    repository,
    tag,
    incident,
    limit,
    cursor,
  }: ViolationsQuery): Promise<Page<ViolationView>> {
    const selection = new Selection()
      .where('v.state = ?', state)
      .where('v.registry = ?', registry)
      .where('v.repository = ?', repository)
      .where('v.tag = ?', tag)
      .where('v.incident_id = ?', incident)
      .beyond(['v.detected_at', 'v.id'], '<', cursor);
    const order = `ORDER BY v.detected_at DESC, v.id DESC LIMIT ${selection.bind(limit + 1)}`;
    return withDatabase(async () => {
      const rows = (await this.dataSource.query(`${SELECT} ${selection} ${order}`, selection.values)) as ViolationRow[];
      const { items, nextCursor } = cutPage(
        rows,
        limit,
        (row) => row,
        (row) => encodeCursor([row.detected_at, row.id]),
      );
      return { items: await this.views(items, PULLS_IN_LIST), nextCursor };
    });
  }

  override async find(id: string): Promise<ViolationView | null> {
    const [view] = await this.findAll([id], PULLS_OF_ONE);
    return view ?? null;
  }

  /** Those that exist, oldest first. */
  findAll(ids: readonly string[], pulls = PULLS_IN_LIST): Promise<ViolationView[]> {
    return withDatabase(async () => {
      const sql = `${SELECT} WHERE v.id = ANY($1::uuid[]) ORDER BY v.detected_at, v.id`;
      return this.views((await this.dataSource.query(sql, [ids])) as ViolationRow[], pulls);
    });
  }

  private async views(rows: readonly ViolationRow[], pulls: number): Promise<ViolationView[]> {
    if (rows.length === 0) return [];
    const ids = rows.map(({ id }) => id);
    const restorationsOf = await loadRestorations(this.dataSource, ids);
    const pullsOf = await loadPulls(this.dataSource, ids, pulls);
    return rows.map((row) => ({
      ...ownFieldsOf(row),
      restorations: restorationsOf(row.id),
      exposure: { seconds: Number(row.exposed_seconds), ...pullsOf(row.id) },
    }));
  }
}

const ownFieldsOf = (row: ViolationRow): Omit<ViolationView, 'restorations' | 'exposure'> => ({
  id: row.id,
  kind: row.kind as ViolationView['kind'],
  state: row.state as ViolationView['state'],
  mode: row.mode as ViolationView['mode'],
  registry: row.registry,
  repository: row.repository,
  tag: row.tag,
  sealedDigest: row.sealed_digest,
  foundDigest: row.found_digest,
  actor: row.actor,
  eventId: row.event_id,
  detectedAt: row.detected_at,
  restoredAt: row.restored_at,
  endedAt: row.ended_at,
  failure: row.failure,
  acknowledgedAt: row.acknowledged_at,
  acknowledgedBy: row.acknowledged_by,
  rule: { id: row.rule_id, name: row.rule_name },
  waiverId: row.waiver_id,
  incident: row.incident_id === null || row.members === null ? null : { id: row.incident_id, members: row.members },
});
