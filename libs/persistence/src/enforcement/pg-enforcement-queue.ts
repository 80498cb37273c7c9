import type { DataSource, EntityManager } from 'typeorm';
import {
  announceViolation,
  type DueTag,
  EnforcementQueue,
  type FreeSlots,
  type TransactionalQuery,
  type Verdict,
} from '#application';
import { encodeRecorderMessage, type RecorderMessage, TOPICS } from '#contracts';
import {
  type Digest,
  deriveId,
  type Instant,
  isUnfinished,
  type KeptViolation,
  type TagRef,
  type ViolationState,
} from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { nextDueInMs } from '../due-work.js';
import { enqueueMessages } from '../record/outbox-rows.js';
import { appendServiceEvents } from '../record/service-events.js';
import { type SealColumns, sealOfRow } from '../record/tag-rows.js';
import {
  announceAll,
  saveViolations,
  type TagViolation,
  toldOf,
  type ViolationRow,
  violationOfRow,
} from '../record/violation-rows.js';
import { saveRestorations } from './restoration-rows.js';

type ClaimedRow = SealColumns & {
  tag_id: string;
  registry: string;
  repository: string;
  tag: string;
  attempts: number;
  generation: number;
  by_hand: boolean;
  recent: string;
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
  (SELECT count(DISTINCT r.ended_at) FROM violation v JOIN restoration r ON r.violation_id = v.id
   WHERE v.tag_id = c.tag_id AND r.outcome = 'restored' AND r.ended_at > now() - $4 * interval '1 millisecond') AS recent
FROM claimed c JOIN tag t ON t.id = c.tag_id`;

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
      const violations = await this.startRestoring(rows.map(({ tag_id }) => tag_id));
      return rows.map((row) =>
        dueTagOf(
          row,
          violations.filter(({ tagId }) => tagId === row.tag_id),
        ),
      );
    });
  }

  private async startRestoring(tagIds: readonly string[]): Promise<TagViolation[]> {
    // What is still waiting for an index to become known is not being restored.
    const [rows] = (await this.dataSource.query(
      `UPDATE violation SET state = CASE WHEN state = 'detected' AND NOT awaiting_children THEN 'restoring' ELSE state END
       WHERE tag_id = ANY($1::uuid[]) AND state IN ('detected', 'restoring', 'failed', 'audited') RETURNING *`,
      [tagIds],
    )) as [ViolationRow[], number];
    return rows.map(violationOfRow);
  }

  override conclude(tag: DueTag, violations: readonly KeptViolation[], verdict: Verdict): Promise<void> {
    return this.transaction(async (query) => {
      const closing = await lockUnfinished(query, tag.tagId, violations, verdict);
      await saveRestorations(
        query,
        closing.map(({ violation }) => violation.id),
        verdict.report,
      );
      const changed = closing.map((one) => ({ ...one, violation: after(one.violation, verdict) }));
      await saveViolations(query, changed);
      const restated = changed.filter(
        ({ violation }, index) => violation.version !== closing[index]?.violation.version,
      );
      await announceAll(query, restated, verdict.report.endedAt);
      if (verdict.type === 'right') await enqueueMessages(query, [observationOf(tag, verdict)]);
      if (verdict.type === 'failed' && verdict.fight) await announceFight(query, restated, verdict.report.endedAt);
      await takeOff(query, tag, verdict.type === 'retry' ? verdict.delayMs : null);
      await appendServiceEvents(
        query,
        restated.map(({ ref, violation }) => serviceEventOf(ref, violation, verdict)),
      );
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

function dueTagOf(row: ClaimedRow, violations: readonly TagViolation[]): DueTag {
  const ref = { registry: row.registry, repository: row.repository, tag: row.tag } as TagRef;
  return {
    tagId: row.tag_id,
    ref,
    seal: sealOfRow(row),
    violations: violations.map(({ violation }) => violation),
    byHand: row.by_hand,
    earlierAttempts: row.attempts - 1,
    recentRestorations: Number(row.recent),
    generation: row.generation,
  };
}

/**
 * The violations that this attempt was for, and those that came while it ran and that its last write has put right as well: it was
 * read back since.
 */
async function lockUnfinished(
  query: TransactionalQuery,
  tagId: string,
  violations: readonly KeptViolation[],
  verdict: Verdict,
): Promise<TagViolation[]> {
  const [restoredAt, sealedDigest] =
    verdict.type === 'right' ? [verdict.report.restoredAt, verdict.sealedDigest] : [null, null];
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

async function announceFight(
  query: TransactionalQuery,
  violations: readonly TagViolation[],
  now: Instant,
): Promise<void> {
  const messages = violations.map(({ ref, violation }) =>
    announceViolation(toldOf(ref, violation), 'fight', violation.version, now),
  );
  await enqueueMessages(query, messages);
}

/** Off the list, unless a violation has come since the tag was taken, or it is to be tried again. */
async function takeOff(
  query: TransactionalQuery,
  { tagId, generation }: DueTag,
  retryInMs: number | null,
): Promise<void> {
  if (retryInMs === null)
    await query('DELETE FROM enforcement WHERE tag_id = $1 AND generation = $2', [tagId, generation]);
  await query(
    `UPDATE enforcement SET lease_until = NULL,
       next_at = CASE WHEN generation = $2 THEN now() + $3 * interval '1 millisecond' ELSE next_at END WHERE tag_id = $1`,
    [tagId, generation, retryInMs ?? 0],
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

function serviceEventOf(ref: TagRef, violation: KeptViolation, { report }: Verdict) {
  return {
    type: violation.state === 'failed' ? 'restorationFailed' : violation.state,
    ...ref,
    digest: violation.sealedDigest,
    actor: 'tagwarden',
    source: 'enforcer' as const,
    at: report.endedAt,
    detail: { violationId: violation.id, ...(report.reason === null ? {} : { reason: report.reason }) },
  };
}
