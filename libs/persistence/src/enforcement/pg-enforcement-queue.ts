import type { DataSource, EntityManager } from 'typeorm';
import {
  type DueTag,
  EnforcementQueue,
  type FreeSlots,
  type TagStanding,
  type TransactionalQuery,
  type Verdict,
} from '#application';
import { encodeRecorderMessage, type RecorderMessage, TOPICS } from '#contracts';
import {
  comparePositions,
  type Digest,
  deriveId,
  type Instant,
  isUnfinished,
  type KeptViolation,
  type Revocation,
  type TagRef,
  type ViolationState,
} from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { nextDueInMs } from '../due-work.js';
import { CHANNELS } from '../record/channels.js';
import { enqueueMessages } from '../record/outbox-rows.js';
import { appendServiceEvents, type ServiceEvent } from '../record/service-events.js';
import { type SealColumns, sealOfRow } from '../record/tag-rows.js';
import { enforcedChange, type StateChange } from '../record/violation-events.js';
import {
  announceAll,
  announceFights,
  saveViolations,
  type TagViolation,
  type ViolationRow,
  violationOfRow,
} from '../record/violation-rows.js';
import { tripBreaker } from './breaker-rows.js';
import { saveRestorations } from './restoration-rows.js';
import { ANY_REVOKED, findRevocations } from './revocation-of.js';

type ClaimedRow = SealColumns & {
  tag_id: string;
  registry: string;
  repository: string;
  tag: string;
  attempts: number;
  generation: number;
  by_hand: boolean;
  recent: string;
  waiver_uses: Record<string, number> | null;
  tripped_at: Instant | null;
  tripped_because: string | null;
  any_revoked: boolean;
};

type StandingRow = {
  any_revoked: boolean;
  seal_digest: Digest | null;
  waiver_uses: Record<string, number> | null;
};

const CLAIM = `
WITH due AS (
  SELECT d.tag_id FROM unnest($1::text[], $2::int[]) AS free (registry, slots) CROSS JOIN LATERAL (
    SELECT tag_id FROM enforcement e
    WHERE e.registry = free.registry AND next_at <= now() AND (lease_until IS NULL OR lease_until < now())
    ORDER BY next_at LIMIT free.slots FOR UPDATE SKIP LOCKED) d),
claimed AS (
  UPDATE enforcement e SET lease_until = now() + $3 * interval '1 millisecond', attempts = attempts + 1
  FROM due WHERE e.tag_id = due.tag_id RETURNING e.tag_id, e.attempts, e.generation, e.by_hand)
SELECT c.*, t.registry, t.repository, t.tag, t.seal_digest, t.seal_media_type, t.sealed_at, t.sealed_by, t.seal_rule_id, t.seal_rule_name,
  t.waiver_uses, ${ANY_REVOKED},
  CASE WHEN b.reset_at IS NULL THEN b.tripped_at END AS tripped_at, b.reason AS tripped_because,
  (SELECT count(DISTINCT r.ended_at) FROM violation v JOIN restoration r ON r.violation_id = v.id
   WHERE v.tag_id = c.tag_id AND r.outcome = 'restored' AND r.ended_at > greatest(now() - $4 * interval '1 millisecond', b.reset_at)) AS recent
FROM claimed c JOIN tag t ON t.id = c.tag_id LEFT JOIN fight_breaker b ON b.tag_id = c.tag_id`;

const BEGIN = `
WITH begun AS (SELECT id FROM violation WHERE id = ANY($1::uuid[]) AND state = 'detected' ORDER BY id FOR UPDATE)
UPDATE violation v SET state = 'restoring', version = version + 1 FROM begun WHERE v.id = begun.id RETURNING v.*`;

const FIND_STANDING = `SELECT t.seal_digest, t.waiver_uses, ${ANY_REVOKED} FROM tag t WHERE t.id = $1`;

/** The enforcer's work list in PostgreSQL. */
export class PgEnforcementQueue extends EnforcementQueue {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override claim(free: FreeSlots, leaseMs: number, breakerWindowMs: number): Promise<DueTag[]> {
    return withDatabase(async () => {
      const parameters = [
        free.map(({ registry }) => registry),
        free.map(({ slots }) => slots),
        leaseMs,
        breakerWindowMs,
      ];
      const rows = (await this.dataSource.query(CLAIM, parameters)) as ClaimedRow[];
      if (rows.length === 0) return [];
      const [violations, revoked] = await Promise.all([
        this.findOpen(rows.map(({ tag_id }) => tag_id)),
        this.findRevoked(rows),
      ]);
      return rows.map((row) =>
        dueTagOf(
          row,
          violations.filter(({ tagId }) => tagId === row.tag_id),
          revoked.get(row.seal_digest ?? '') ?? null,
        ),
      );
    });
  }

  private async findOpen(tagIds: readonly string[]): Promise<TagViolation[]> {
    const rows = (await this.dataSource.query(
      `SELECT * FROM violation WHERE tag_id = ANY($1::uuid[]) AND state IN ('detected', 'restoring', 'failed', 'audited')`,
      [tagIds],
    )) as ViolationRow[];
    return rows.map(violationOfRow);
  }

  private findRevoked(
    rows: readonly { seal_digest: string | null; any_revoked: boolean }[],
  ): Promise<ReadonlyMap<string, Revocation>> {
    const digests = rows.flatMap(({ seal_digest, any_revoked }) => (any_revoked && seal_digest) || []);
    return findRevocations((sql, values) => this.dataSource.query(sql, values), digests);
  }

  override begin(violations: readonly KeptViolation[], at: Instant): Promise<void> {
    return this.transaction(async (query) => {
      const [rows] = (await query(BEGIN, [violations.map(({ id }) => id)])) as [ViolationRow[], number];
      if (rows.length === 0) return;
      await query('SELECT pg_notify($1, id) FROM unnest($2::text[]) AS v (id)', [
        CHANNELS.violation,
        rows.map(({ id }) => id),
      ]);
      const changes = rows.map((row): StateChange => ({ ...violationOfRow(row), from: 'detected' }));
      await appendServiceEvents(
        query,
        changes.map((change) => enforcedChange(change, at, null)),
      );
    });
  }

  override findStanding({ tagId }: DueTag): Promise<TagStanding> {
    return withDatabase(async () => {
      const [row] = (await this.dataSource.query(FIND_STANDING, [tagId])) as StandingRow[];
      if (!row) return { sealedDigest: null, revocation: null, waiverUses: null };
      return {
        sealedDigest: row.seal_digest,
        revocation: (await this.findRevoked([row])).get(row.seal_digest ?? '') ?? null,
        waiverUses: row.waiver_uses,
      };
    });
  }

  override standDown(tag: DueTag, violations: readonly KeptViolation[], reason: string, at: Instant): Promise<void> {
    return this.transaction(async (query) => {
      const before = (await lockUnfinished(query, tag.tagId, violations, null)).filter(({ violation }) =>
        isUnfinished(violation.state),
      );
      const changes = before.map(
        ({ violation, ...rest }): StateChange => ({
          ...rest,
          from: violation.state,
          violation: { ...violation, state: 'audited', version: violation.version + 1 },
        }),
      );
      await saveViolations(query, changes);
      await announceAll(query, changes, at);
      await takeOff(query, tag, null);
      await appendServiceEvents(
        query,
        changes.map((change) => enforcedChange(change, at, reason)),
      );
    });
  }

  override conclude(tag: DueTag, violations: readonly KeptViolation[], verdict: Verdict): Promise<void> {
    return this.transaction(async (query) => {
      const closing = await lockUnfinished(query, tag.tagId, violations, verdict);
      await saveRestorations(
        query,
        closing.map(({ violation }) => violation.id),
        verdict.report,
      );
      const changed = closing.map(
        (one): StateChange => ({
          ...one,
          from: one.violation.state,
          violation: after(one.violation, verdict),
        }),
      );
      await saveViolations(query, changed);
      const restated = changed.filter(({ from, violation }) => from !== violation.state);
      await announceAll(query, restated, verdict.report.endedAt);
      if (verdict.type === 'right') await enqueueMessages(query, [observationOf(tag, verdict)]);
      const tripped = await trip(query, tag, changed, verdict);
      await takeOff(query, tag, verdict.type === 'retry' ? verdict.delayMs : null);
      await appendServiceEvents(query, [
        ...restated.map((change) => enforcedChange(change, verdict.report.endedAt, verdict.report.reason)),
        ...tripped,
      ]);
    });
  }

  override renew({ tagId }: DueTag, leaseMs: number): Promise<void> {
    return this.transaction(async (query) => {
      await query("UPDATE enforcement SET lease_until = now() + $2 * interval '1 millisecond' WHERE tag_id = $1", [
        tagId,
        leaseMs,
      ]);
    });
  }

  override release(tag: DueTag): Promise<void> {
    return this.transaction((query) => takeOff(query, tag, null));
  }

  override postpone(tag: DueTag, delayMs: number, refold: boolean): Promise<void> {
    return this.transaction(async (query) => {
      if (refold) await enqueueMessages(query, [busMessage({ kind: 'refold', ...tag.ref })]);
      await takeOff(query, tag, delayMs);
    });
  }

  override nextDueInMs(registries: readonly string[]): Promise<number | null> {
    return nextDueInMs(this.dataSource, 'enforcement', registries);
  }

  private transaction(work: (query: TransactionalQuery) => Promise<void>): Promise<void> {
    return withDatabase(() =>
      this.dataSource.transaction((manager: EntityManager) => work((sql, values) => manager.query(sql, values))),
    );
  }
}

function dueTagOf(row: ClaimedRow, violations: readonly TagViolation[], revocation: Revocation | null): DueTag {
  const ref = { registry: row.registry, repository: row.repository, tag: row.tag } as TagRef;
  return {
    tagId: row.tag_id,
    ref,
    seal: sealOfRow(row),
    violations: violations.map(({ violation }) => violation),
    byHand: row.by_hand,
    earlierAttempts: row.attempts - 1,
    recentRestorations: Number(row.recent),
    breaker: row.tripped_at === null ? null : { trippedAt: row.tripped_at, reason: row.tripped_because ?? '' },
    revocation,
    waiverUses: row.waiver_uses,
    generation: row.generation,
  };
}

/**
 * The violations that this attempt was for, and those that came while it ran and that its last write has put right as well: it was
 * read back since. null: nothing was attempted.
 */
async function lockUnfinished(
  query: TransactionalQuery,
  tagId: string,
  violations: readonly KeptViolation[],
  verdict: Verdict | null,
): Promise<TagViolation[]> {
  const [restoredAt, sealedDigest] =
    verdict?.type === 'right' ? [verdict.report.restoredAt, verdict.sealedDigest] : [null, null];
  const rows = await query(
    `SELECT * FROM violation WHERE tag_id = $1 AND (id = ANY($2::uuid[])
       OR (mode = 'enforce' AND received_at <= $3::timestamptz AND sealed_digest = $4)) ORDER BY id FOR UPDATE`,
    [tagId, violations.map(({ id }) => id), restoredAt, sealedDigest],
  );
  // A person, or a late event, may have closed one meanwhile: that stands.
  const wasOurs = new Set(violations.map(({ id }) => id));
  return (rows as ViolationRow[])
    .map(violationOfRow)
    .filter(({ violation: { id, state } }) => isUnfinished(state) || (state === 'audited' && wasOurs.has(id)));
}

/** A violation after an attempt; its version grows only when its state is news. */
function after(violation: KeptViolation, verdict: Verdict): KeptViolation {
  const { report } = verdict;
  if (verdict.type === 'right') {
    const state = report.outcome === 'restored' ? 'restored' : 'selfHealed';
    const restoredAt = report.restoredAt ?? violation.end?.at.occurredAt ?? report.endedAt;
    return { ...violation, state, restoredAt, failure: null, version: violation.version + 1 };
  }
  const fails = verdict.type === 'failed' || verdict.giveUp;
  const state: ViolationState = fails ? 'failed' : violation.state;
  const isNews = state !== violation.state;
  return { ...violation, state, failure: report.reason, version: violation.version + (isNews ? 1 : 0) };
}

/** Trips the breaker and announces the fight, once: of all its violations the last is told of. */
async function trip(
  query: TransactionalQuery,
  tag: DueTag,
  violations: readonly TagViolation[],
  verdict: Verdict,
): Promise<ServiceEvent[]> {
  const last = violations.reduce<TagViolation | null>(
    (latest, one) => (latest && comparePositions(latest.violation.event, one.violation.event) > 0 ? latest : one),
    null,
  );
  if (verdict.type !== 'failed' || verdict.fight === null || last === null) return [];
  const { violation } = last;
  const { endedAt: at, reason } = verdict.report;
  const event = await tripBreaker(query, {
    tag,
    fight: verdict.fight,
    reason: reason ?? '',
    violationId: violation.id,
    at,
  });
  if (event === null) return [];
  await announceFights(query, [last], at);
  return [event];
}

/**
 * Off the list, unless a violation has come since the tag was taken, or it is to be tried again. What a person asked for is done then: what
 * has come since is not restored by hand.
 */
async function takeOff(
  query: TransactionalQuery,
  { tagId, generation }: DueTag,
  retryInMs: number | null,
): Promise<void> {
  if (retryInMs === null)
    await query('DELETE FROM enforcement WHERE tag_id = $1 AND generation = $2', [tagId, generation]);
  await query(
    `UPDATE enforcement SET lease_until = NULL, by_hand = by_hand AND ($4 OR asked_in > $2),
       next_at = CASE WHEN generation = $2 THEN now() + $3 * interval '1 millisecond' ELSE next_at END WHERE tag_id = $1`,
    [tagId, generation, retryInMs ?? 0, retryInMs !== null],
  );
}

/** What was read back is recorded too: the registry's own notification of our write may get lost. */
function observationOf(tag: DueTag, verdict: Extract<Verdict, { type: 'right' }>) {
  const { endedAt } = verdict.report;
  const sourceId = `${tag.tagId} ${endedAt}`;
  return busMessage({
    kind: 'event',
    event: {
      type: 'observed',
      id: deriveId('event', 'enforcer', sourceId),
      ...tag.ref,
      digest: verdict.sealedDigest as Digest,
      mediaType: verdict.mediaType,
      actor: null,
      occurredAt: endedAt,
      receivedAt: endedAt,
      source: 'enforcer',
      sourceId,
      claims: {},
    },
  });
}

const busMessage = (message: RecorderMessage) => ({ topic: TOPICS.registryEvents, ...encodeRecorderMessage(message) });
