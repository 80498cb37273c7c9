import type { DataSource } from 'typeorm';
import {
  type Alert,
  type AlertChange,
  AlertDeliveries,
  type AttemptOutcome,
  type ClaimedDelivery,
  type DeliveryAttempt,
  type DeliveryRecord,
  type DeliveryState,
  isServiceAlert,
  type PlannedDelivery,
  type TransactionalQuery,
} from '#application';
import { DomainError, type Instant, parseInstant } from '#domain';
import { queryOf } from '../record/pg-record-store.js';
import { enqueueDeliveries } from './enqueue-deliveries.js';
import { enqueueFailure } from './enqueue-failure.js';
import { CLAIM, LIST, RECORD } from './statements.js';

type ClaimedRow = { id: string; channel: string; payload: Alert; attempts: number };
type LoggedAttempt = Omit<DeliveryAttempt, 'at'> & { at: string };
type LoggedRow = {
  id: string;
  channel: string;
  message_id: string;
  dedup_key: string;
  violation_id: string | null;
  change: AlertChange;
  state: DeliveryState;
  created_at: Instant;
  next_attempt_at: Instant | null;
  delivered_at: Instant | null;
  attempts: LoggedAttempt[];
};

/** The queue of alerts in PostgreSQL, over a data source of `createDataSource` (times come as `Instant`). */
export class PgAlertDeliveries extends AlertDeliveries {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async enqueue(
    planned: readonly PlannedDelivery[],
    now: Instant,
    within?: (query: TransactionalQuery) => Promise<void>,
  ): Promise<void> {
    try {
      await this.dataSource.transaction(async (manager) => {
        const query = queryOf(manager);
        await enqueueDeliveries(query, planned, now);
        await within?.(query);
      });
    } catch (error) {
      throw enqueueFailure(error);
    }
  }

  async claim(options: {
    channel: string;
    limit: number;
    now: Instant;
    leaseUntil: Instant;
  }): Promise<readonly ClaimedDelivery[]> {
    const { channel, limit, now, leaseUntil } = options;
    const rows: ClaimedRow[] = await this.dataSource.query(CLAIM, [channel, now, limit, leaseUntil]);
    return rows.map(({ id, channel, payload, attempts }) => ({
      id,
      channel,
      // One that was kept before there were incidents has none.
      alert: isServiceAlert(payload) ? payload : { ...payload, incident: payload.incident ?? null },
      attempt: attempts,
    }));
  }

  async record(delivery: ClaimedDelivery, outcome: AttemptOutcome): Promise<void> {
    const state: DeliveryState = outcome.type === 'retry' ? 'pending' : outcome.type;
    const nextAttemptAt = outcome.type === 'retry' ? outcome.nextAttemptAt : null;
    const error = outcome.type === 'delivered' ? null : storable(outcome.error);
    const { at, durationMs, status } = outcome;
    const parameters = [delivery.id, delivery.attempt, state, nextAttemptAt, at, durationMs, status, error];
    await this.dataSource.query(RECORD, parameters);
  }

  async list(options: { channel: string; limit: number; cursor?: string }) {
    const { channel, limit, cursor = null } = options;
    if (cursor !== null && !/^\d{1,18}$/.test(cursor)) {
      throw new DomainError(
        'MALFORMED_CURSOR',
        'The cursor is not one that this list has given out; start without one.',
      );
    }
    const rows: LoggedRow[] = await this.dataSource.query(LIST, [channel, cursor, limit + 1]);
    const items = rows.slice(0, limit).map(toRecord);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  }
}

function toRecord(row: LoggedRow): DeliveryRecord {
  return {
    id: row.id,
    channel: row.channel,
    messageId: row.message_id,
    dedupKey: row.dedup_key,
    violationId: row.violation_id,
    change: row.change,
    state: row.state,
    createdAt: row.created_at,
    nextAttemptAt: row.next_attempt_at,
    deliveredAt: row.delivered_at,
    attempts: row.attempts.map((attempt) => ({ ...attempt, at: parseInstant(attempt.at) })),
  };
}

/** PostgreSQL's text holds no NUL, and a sentence needs no more than this. */
const storable = (text: string): string => text.replaceAll('\0', '').slice(0, 2_000);
