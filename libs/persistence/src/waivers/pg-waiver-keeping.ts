import type { DataSource } from 'typeorm';
import { type TransactionalQuery, type Waiver, type WaiverDeed, WaiverKeeping, WaiverUnknownError } from '#application';
import { withDatabase } from '../database-unavailable.js';
import { queryOf } from '../record/pg-record-store.js';
import { appendServiceEvents } from '../record/service-events.js';
import { changeRuling } from '../rules/rule-revisions.js';
import { type WaiverRow, waiverOfRow } from './waiver-rows.js';

const ADD = `INSERT INTO waiver (id, definition, reason, created_by, created_at, starts_at, expires_at, needs_approval, live_from)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

const CHANGE = `UPDATE waiver SET approved_by = $2, approved_at = $3, revoked_by = $4, revoked_at = $5, live_from = $6 WHERE id = $1`;

/** The waivers in PostgreSQL. */
export class PgWaiverKeeping extends WaiverKeeping {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override add(waiver: Waiver, deed: WaiverDeed): Promise<void> {
    return this.transaction(async (query) => {
      const { id, definition, reason, createdBy, createdAt, startsAt, expiresAt, needsApproval, liveFrom } = waiver;
      const stored = JSON.stringify(definition);
      await query(ADD, [id, stored, reason, createdBy, createdAt, startsAt, expiresAt, needsApproval, liveFrom]);
      await writeDown(query, waiver, deed);
    });
  }

  override change(id: string, deed: WaiverDeed, edit: (waiver: Waiver) => Waiver): Promise<void> {
    return this.transaction(async (query) => {
      const [row] = (await query('SELECT * FROM waiver WHERE id = $1 FOR UPDATE', [id])) as WaiverRow[];
      if (row === undefined) throw new WaiverUnknownError(id);
      const changed = edit(waiverOfRow(row));
      const { approvedBy, approvedAt, revokedBy, revokedAt, liveFrom } = changed;
      await query(CHANGE, [id, approvedBy, approvedAt, revokedBy, revokedAt, liveFrom]);
      await writeDown(query, changed, deed);
    });
  }

  private transaction(work: (query: TransactionalQuery) => Promise<void>): Promise<void> {
    return withDatabase(() =>
      this.dataSource.transaction(async (manager) => {
        const query = queryOf(manager);
        await changeRuling(query);
        await work(query);
      }),
    );
  }
}

function writeDown(query: TransactionalQuery, waiver: Waiver, { type, by, at, reason }: WaiverDeed): Promise<void> {
  const { id, definition, startsAt, expiresAt, needsApproval } = waiver;
  const terms = type === 'waiverCreated' ? { ...definition, startsAt, expiresAt, needsApproval } : {};
  const detail = { waiverId: id, ...(reason === undefined ? {} : { reason }), ...terms };
  const subject = { registry: null, repository: null, tag: null, digest: null };
  return appendServiceEvents(query, [{ ...subject, type, actor: by, source: 'api', at, detail }]);
}
