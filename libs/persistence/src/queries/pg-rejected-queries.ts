import type { DataSource } from 'typeorm';
import { RejectedQueries } from '#application';
import { encodeCursor, type Page, REJECTED_EXCERPT_BYTES, type RejectedQuery, type RejectedView } from '#contracts';
import type { Instant } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { queryOf } from '../record/pg-record-store.js';
import { appendServiceEvents } from '../record/service-events.js';
import { cutPage, Selection } from './selection.js';

type RejectedRow = {
  id: string;
  registry: string;
  received_at: Instant;
  reason: string;
  content_type: string | null;
  excerpt: Buffer;
  bytes: number;
  replayed_at: Instant | null;
};

export class PgRejectedQueries extends RejectedQueries {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override list({ limit, cursor }: RejectedQuery): Promise<Page<RejectedView>> {
    const selection = new Selection().beyond(['received_at', 'id'], '<', cursor);
    const excerpt = `substring(payload FOR ${selection.bind(REJECTED_EXCERPT_BYTES)}::int)`;
    const sql = `SELECT id, registry, received_at, reason, content_type, replayed_at, octet_length(payload) AS bytes, ${excerpt} AS excerpt
      FROM rejected ${selection} ORDER BY received_at DESC, id DESC LIMIT ${selection.bind(limit + 1)}`;
    return withDatabase(async () => {
      const rows = (await this.dataSource.query(sql, selection.values)) as RejectedRow[];
      return cutPage(rows, limit, rejectedOfRow, (row) => encodeCursor([row.received_at, row.id]));
    });
  }

  override find(id: string): Promise<{ registry: string; contentType: string | null; payload: Buffer } | null> {
    return withDatabase(async () => {
      const [row] = await this.dataSource.query(
        'SELECT registry, content_type AS "contentType", payload FROM rejected WHERE id = $1',
        [id],
      );
      return row ?? null;
    });
  }

  override markReplayed(id: string, by: string, at: Instant): Promise<void> {
    return withDatabase(() =>
      this.dataSource.transaction(async (manager) => {
        const [rows] = (await manager.query('UPDATE rejected SET replayed_at = $2 WHERE id = $1 RETURNING registry', [
          id,
          at,
        ])) as [{ registry: string }[], number];
        await appendServiceEvents(
          queryOf(manager),
          rows.map(({ registry }) => ({
            type: 'notificationReplayed',
            registry,
            repository: null,
            tag: null,
            digest: null,
            actor: by,
            source: 'api',
            at,
            detail: { rejectedId: id },
          })),
        );
      }),
    );
  }
}

const rejectedOfRow = (row: RejectedRow): RejectedView => ({
  id: row.id,
  registry: row.registry,
  receivedAt: row.received_at,
  reason: row.reason,
  contentType: row.content_type,
  payload: row.excerpt.toString('utf8'),
  payloadBytes: row.bytes,
  replayedAt: row.replayed_at,
});
