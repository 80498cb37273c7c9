import type { DataSource } from 'typeorm';
import { type IncidentDeed, IncidentHandling, IncidentUnknownError } from '#application';
import { OPEN_STATES } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { queryOf } from '../record/pg-record-store.js';
import { appendServiceEvents } from '../record/service-events.js';
import type { IncidentRow } from './incident-rows.js';

const WHICH = {
  open: `state IN (${OPEN_STATES.map((state) => `'${state}'`).join(', ')})`,
  unmarked: 'acknowledged_at IS NULL',
} as const;

export class PgIncidentHandling extends IncidentHandling {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override begin(id: string, { type, by, at, reason }: IncidentDeed, which: keyof typeof WHICH): Promise<string[]> {
    return withDatabase(() =>
      this.dataSource.transaction(async (manager) => {
        const query = queryOf(manager);
        const [row] = (await query('SELECT * FROM incident WHERE id = $1', [id])) as IncidentRow[];
        if (!row) throw new IncidentUnknownError(id);
        const members = (await query(
          `SELECT id FROM violation WHERE incident_id = $1 AND ${WHICH[which]} ORDER BY detected_at, id`,
          [id],
        )) as { id: string }[];
        const detail = { incidentId: id, violations: members.length, ...(reason === null ? {} : { reason }) };
        const event = {
          type,
          registry: row.registry,
          repository: null,
          tag: null,
          digest: null,
          actor: by,
          at,
          detail,
        };
        await appendServiceEvents(query, [{ ...event, source: 'api' }]);
        return members.map((member) => member.id);
      }),
    );
  }

  override countAccepted(violationIds: readonly string[]): Promise<number> {
    return withDatabase(async () => {
      const [row] = (await this.dataSource.query(
        "SELECT count(*)::int AS count FROM violation WHERE id = ANY($1::uuid[]) AND state = 'accepted'",
        [violationIds],
      )) as { count: number }[];
      return row?.count ?? 0;
    });
  }
}
