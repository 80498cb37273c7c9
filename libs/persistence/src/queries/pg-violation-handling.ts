import type { DataSource } from 'typeorm';
import {
  type CurrentRules,
  type TransactionalQuery,
  ViolationActions,
  type ViolationDeed,
  ViolationHandling,
  type ViolationInHand,
  ViolationUnknownError,
} from '#application';
import { type Instant, rulingOf, type TagRef, type TagRuling } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { type RevocationColumns, revocationOf, revocationOfRow } from '../enforcement/revocation-of.js';
import { CHANNELS } from '../record/channels.js';
import { queryOf } from '../record/pg-record-store.js';
import { appendServiceEvents } from '../record/service-events.js';
import type { ViolationRow } from '../record/violation-rows.js';
import { queueEnforcement } from '../record/work-rows.js';

type HeldRow = ViolationRow &
  RevocationColumns<'revoked_seal'> &
  RevocationColumns<'revoked_find'> & {
    acknowledged_at: string | null;
    tag_digest: string | null;
    tag_media_type: string | null;
    waiver_uses: Record<string, number> | null;
    now: Instant;
  };

const HOLD = `
SELECT v.*, t.digest AS tag_digest, t.media_type AS tag_media_type, t.waiver_uses, now() AS now, revoked_seal.*, revoked_find.*
FROM violation v JOIN tag t ON t.id = v.tag_id
LEFT JOIN ${revocationOf('v.sealed_digest', 'revoked_seal')} LEFT JOIN ${revocationOf('v.found_digest', 'revoked_find')}
WHERE v.id = $1 FOR UPDATE OF v`;

export class PgViolationHandling extends ViolationHandling {
  constructor(
    private readonly dataSource: DataSource,
    private readonly rules: CurrentRules,
  ) {
    super();
  }

  override hold<T>(
    id: string,
    work: (violation: ViolationInHand, actions: ViolationActions) => Promise<T>,
  ): Promise<T> {
    return withDatabase(() =>
      this.dataSource.transaction(async (manager) => {
        const query = queryOf(manager);
        const [row] = (await query(HOLD, [id])) as HeldRow[];
        if (!row) throw new ViolationUnknownError(id);
        const { history, waivers } = await this.rules.upToDate(query);
        const ruling = rulingOf(history, waivers, refOf(row), row.now);
        return work(inHandOf(row, ruling), new PgViolationActions(query, row));
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

  override async enforceNow(deed: ViolationDeed): Promise<void> {
    await queueEnforcement(this.query, [{ tagId: this.row.tag_id, ref: refOf(this.row) }], true);
    await this.writeDown(deed);
  }

  override async acknowledge(deed: ViolationDeed): Promise<void> {
    await this.query('UPDATE violation SET acknowledged_at = $2, acknowledged_by = $3 WHERE id = $1', [
      this.row.id,
      deed.at,
      deed.by,
    ]);
    await this.query('SELECT pg_notify($1, $2)', [CHANNELS.violation, this.row.id]);
    await this.writeDown(deed);
  }

  private writeDown({ type, by, at, detail }: ViolationDeed): Promise<void> {
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

const inHandOf = (row: HeldRow, ruling: TagRuling): ViolationInHand =>
  ({
    id: row.id,
    ref: refOf(row),
    kind: row.kind,
    state: row.state,
    detectedAt: row.detected_at,
    sealedDigest: row.sealed_digest,
    foundDigest: row.found_digest,
    isAcknowledged: row.acknowledged_at !== null,
    endedBy: row.ended_by,
    current: { digest: row.tag_digest, mediaType: row.tag_media_type },
    revoked: { sealed: revocationOfRow(row, 'revoked_seal'), found: revocationOfRow(row, 'revoked_find') },
    ruling,
    waiverUses: row.waiver_uses,
  }) as ViolationInHand;
