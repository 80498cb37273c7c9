import type { DataSource } from 'typeorm';
import { EventQueries } from '#application';
import {
  type EventsFilter,
  type EventsQuery,
  type EventView,
  encodeCursor,
  type Page,
  type TimeCursor,
} from '#contracts';
import { withDatabase } from '../database-unavailable.js';
import type { EventRow } from '../record/event-rows.js';
import { cutPage, Selection } from './selection.js';

export class PgEventQueries extends EventQueries {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override async list({ limit, cursor, ...filter }: EventsQuery): Promise<Page<EventView>> {
    const rows = await this.rows(filter, cursor, limit + 1);
    return cutPage(rows, limit, eventOfRow, (row) => encodeCursor([row.occurred_at, row.id]));
  }

  override async next(filter: EventsFilter, after: TimeCursor | undefined, limit: number): Promise<EventView[]> {
    return (await this.rows(filter, after, limit)).map(eventOfRow);
  }

  private rows(filter: EventsFilter, after: TimeCursor | undefined, limit: number): Promise<EventRow[]> {
    const selection = new Selection()
      .where('registry = ?', filter.registry)
      .where('repository = ?', filter.repository)
      .where('tag = ?', filter.tag)
      .where('digest = ?', filter.digest)
      .where('actor = ?', filter.actor)
      .where('type = ?', filter.type)
      .where('occurred_at >= ?', filter.from)
      .where('occurred_at < ?', filter.to)
      .beyond(['occurred_at', 'id'], '<', after);
    const sql = `SELECT * FROM event ${selection} ORDER BY occurred_at DESC, id DESC LIMIT ${selection.bind(limit)}`;
    return withDatabase(() => this.dataSource.query(sql, selection.values));
  }
}

export const eventOfRow = (row: EventRow): EventView => ({
  id: row.id,
  type: row.type,
  registry: row.registry,
  repository: row.repository,
  tag: row.tag,
  digest: row.digest,
  mediaType: row.media_type,
  actor: row.actor,
  occurredAt: row.occurred_at,
  receivedAt: row.received_at,
  source: row.source,
  sourceId: row.source_id,
  claims: { ...row.claims },
  detail: row.detail,
});
