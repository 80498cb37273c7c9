import type { DataSource } from 'typeorm';
import {
  type Deed,
  type TransactionalQuery,
  ViolationActions,
  ViolationHandling,
  type ViolationInHand,
  ViolationUnknownError,
} from '#application';
import type { TagRef } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { CHANNELS } from '../record/channels.js';
import { queryOf } from '../record/pg-record-store.js';
import { appendServiceEvents } from '../record/service-events.js';
import type { ViolationRow } from '../record/violation-rows.js';
import { queueEnforcement } from '../record/work-rows.js';

type HeldRow = ViolationRow & {
  acknowledged_at: string | null;
  tag_digest: string | null;
  tag_media_type: string | null;
};

export class PgViolationHandling extends ViolationHandling {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override hold<T>(
    id: string,
    work: (violation: ViolationInHand, actions: ViolationActions) => Promise<T>,
  ): Promise<T> {
    return withDatabase(() =>
      this.dataSource.transaction(async (manager) => {
        const query = queryOf(manager);
        const [row] = (await query(
          `SELECT v.*, t.digest AS tag_digest, t.media_type AS tag_media_type
           FROM violation v JOIN tag t ON t.id = v.tag_id WHERE v.id = $1 FOR UPDATE OF v`,
          [id],
        )) as HeldRow[];
        if (!row) throw new ViolationUnknownError(id);
        return work(inHandOf(row), new PgViolationActions(query, row));
      }),
    );
  }
}

class PgViolationActions extends ViolationActions {
  constructor(
    private readonly query: TransactionalQuery,
    private readonly row: HeldRow,
  ) {
    super();
  }

  override async enforceNow(deed: Deed): Promise<void> {
    await queueEnforcement(this.query, [{ tagId: this.row.tag_id, ref: refOf(this.row) }], true);
    await this.writeDown(deed);
  }

  override async acknowledge(deed: Deed): Promise<void> {
    await this.query('UPDATE violation SET acknowledged_at = $2, acknowledged_by = $3 WHERE id = $1', [
      this.row.id,
      deed.at,
      deed.by,
    ]);
    await this.query('SELECT pg_notify($1, $2)', [CHANNELS.violation, this.row.id]);
    await this.writeDown(deed);
  }

  private writeDown({ type, by, at, detail }: Deed): Promise<void> {
    const { registry, repository, tag } = this.row;
    return appendServiceEvents(this.query, [
      {
        type,
        registry,
        repository,
        tag,
        digest: this.row.sealed_digest,
        actor: by,
        source: 'api',
        at,
        detail: { violationId: this.row.id, ...detail },
      },
    ]);
  }
}

const refOf = ({ registry, repository, tag }: HeldRow): TagRef => ({ registry, repository, tag }) as TagRef;

const inHandOf = (row: HeldRow): ViolationInHand =>
  ({
    id: row.id,
    ref: refOf(row),
    state: row.state,
    detectedAt: row.detected_at,
    foundDigest: row.found_digest,
    isAcknowledged: row.acknowledged_at !== null,
    endedBy: row.ended_by,
    current: { digest: row.tag_digest, mediaType: row.tag_media_type },
  }) as ViolationInHand;
