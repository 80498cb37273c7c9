import type { DataSource } from 'typeorm';
import { IncidentQueries } from '#application';
import { encodeCursor, type IncidentsQuery, type IncidentView, type Page } from '#contracts';
import { withDatabase } from '../database-unavailable.js';
import { cutPage, Selection } from '../queries/selection.js';
import type { IncidentRow } from './incident-rows.js';
import { loadTallies, type Tally } from './incident-tallies.js';

export class PgIncidentQueries extends IncidentQueries {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override list({ state, registry, limit, cursor }: IncidentsQuery): Promise<Page<IncidentView>> {
    const selection = new Selection()
      .where('? = ANY(i.registries)', registry)
      .beyond(['i.opened_at', 'i.id'], '<', cursor);
    if (state !== undefined) selection.that(state === 'open' ? 'i.closed_at IS NULL' : 'i.closed_at IS NOT NULL');
    const order = `ORDER BY i.opened_at DESC, i.id DESC LIMIT ${selection.bind(limit + 1)}`;
    return withDatabase(async () => {
      const sql = `SELECT i.* FROM incident i ${selection} ${order}`;
      const rows = (await this.dataSource.query(sql, selection.values)) as IncidentRow[];
      const { items, nextCursor } = cutPage(
        rows,
        limit,
        (row) => row,
        (row) => encodeCursor([row.opened_at, row.id]),
      );
      return { items: await this.views(items), nextCursor };
    });
  }

  override find(id: string): Promise<IncidentView | null> {
    return withDatabase(async () => {
      const rows = (await this.dataSource.query('SELECT * FROM incident WHERE id = $1', [id])) as IncidentRow[];
      const [view] = await this.views(rows);
      return view ?? null;
    });
  }

  private async views(rows: readonly IncidentRow[]): Promise<IncidentView[]> {
    const tallies = await loadTallies(
      this.dataSource,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => viewOf(row, tallies(row.id)));
  }
}

const viewOf = (row: IncidentRow, tally: Tally): IncidentView => ({
  id: row.id,
  openedAt: row.opened_at,
  lastAt: row.last_at,
  closedAt: row.closed_at,
  identity: { registry: row.registry, actor: row.actor },
  isMixed: row.is_mixed,
  members: row.members,
  registries: row.registries,
  ...tally,
});
