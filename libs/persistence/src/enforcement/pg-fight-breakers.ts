import type { DataSource } from 'typeorm';
import { BreakerUnknownError, FightBreakers } from '#application';
import { type BreakersQuery, type BreakerView, encodeCursor, type Page } from '#contracts';
import type { Instant, TagRef } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { cutPage, Selection } from '../queries/selection.js';
import { queryOf } from '../record/pg-record-store.js';
import { appendServiceEvents } from '../record/service-events.js';
import { queueEnforcement } from '../record/work-rows.js';

type BreakerRow = {
  tag_id: string;
  registry: string;
  repository: string;
  tag: string;
  tripped_at: Instant;
  restorations: number;
  window_ms: number;
  reason: string;
  violation_id: string;
  reset_at: Instant | null;
};

export class PgFightBreakers extends FightBreakers {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override list({ limit, cursor }: BreakersQuery): Promise<Page<BreakerView>> {
    const selection = new Selection().that('reset_at IS NULL').beyond(['tripped_at', 'tag_id'], '<', cursor);
    const sql = `SELECT * FROM fight_breaker ${selection} ORDER BY tripped_at DESC, tag_id DESC LIMIT ${selection.bind(limit + 1)}`;
    return withDatabase(async () => {
      const rows = (await this.dataSource.query(sql, selection.values)) as BreakerRow[];
      return cutPage(rows, limit, breakerOfRow, (row) => encodeCursor([row.tripped_at, row.tag_id]));
    });
  }

  override reset(id: string, { reason, by, at }: { reason: string; by: string; at: Instant }): Promise<BreakerView> {
    return withDatabase(() =>
      this.dataSource.transaction(async (manager) => {
        const query = queryOf(manager);
        const [rows] = (await query(
          'UPDATE fight_breaker SET reset_at = $2 WHERE tag_id = $1 AND reset_at IS NULL RETURNING *',
          [id, at],
        )) as [BreakerRow[], number];
        const [row] = rows;
        if (!row) throw new BreakerUnknownError(id);
        const { registry, repository, tag } = row;
        await queueEnforcement(query, [{ tagId: id, ref: { registry, repository, tag } as TagRef }]);
        await appendServiceEvents(query, [
          {
            ...{ type: 'breakerReset', registry, repository, tag, digest: null },
            ...{ actor: by, source: 'api', at },
            detail: { tagId: id, trippedAt: row.tripped_at, reason },
          },
        ]);
        return breakerOfRow(row);
      }),
    );
  }

  override count(): Promise<number> {
    return withDatabase(async () => {
      const [row] = await this.dataSource.query('SELECT count(*) AS count FROM fight_breaker WHERE reset_at IS NULL');
      return Number(row.count);
    });
  }
}

const breakerOfRow = (row: BreakerRow): BreakerView => ({
  id: row.tag_id,
  registry: row.registry,
  repository: row.repository,
  tag: row.tag,
  trippedAt: row.tripped_at,
  restorations: row.restorations,
  windowSeconds: row.window_ms / 1_000,
  reason: row.reason,
  violationId: row.violation_id,
  resetAt: row.reset_at,
});
