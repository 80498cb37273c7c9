import type { DataSource } from 'typeorm';
import {
  CanaryQueue,
  type DueCanary,
  type FinishedCanaryRun,
  type FreeSlots,
  type PlannedDelivery,
  type TransactionalQuery,
} from '#application';
import { enqueueDeliveries } from '../alerts/enqueue-deliveries.js';
import { withDatabase } from '../database-unavailable.js';
import { nextDueInMs } from '../due-work.js';
import { queryOf } from '../record/pg-record-store.js';

/** A new one is due at once; a shorter interval counts from now. */
const SCHEDULE = `
INSERT INTO canary AS c (registry, next_at)
SELECT registry, now() FROM unnest($1::text[]) AS r (registry) ORDER BY registry ON CONFLICT (registry) DO NOTHING`;
const SHORTEN = `
UPDATE canary c SET next_at = now() + r.every_ms * interval '1 millisecond'
FROM unnest($1::text[], $2::float8[]) AS r (registry, every_ms)
WHERE c.registry = r.registry AND c.next_at > now() + r.every_ms * 1.1 * interval '1 millisecond'`;

const CLAIM = `
WITH due AS (
  SELECT d.registry FROM unnest($1::text[], $2::int[]) AS free (registry, slots) CROSS JOIN LATERAL (
    SELECT registry FROM canary c
    WHERE c.registry = free.registry AND next_at <= now() AND (lease_until IS NULL OR lease_until < now())
    LIMIT free.slots FOR UPDATE SKIP LOCKED) d)
UPDATE canary c SET lease_until = now() + $3 * interval '1 millisecond', claims = claims + 1
FROM due WHERE c.registry = due.registry RETURNING c.registry, c.claims, c.last_outcome AS "lastOutcome"`;

/** Who was taken over finds no row here, and writes nothing. */
const MINE = 'registry = $1 AND claims = $2 AND lease_until IS NOT NULL';

const FINISH = `
UPDATE canary SET lease_until = NULL, next_at = now() + $3 * interval '1 millisecond', last_at = $4, last_outcome = $5,
  last_detect = $6, last_restore = $7, last_sentence = $8
WHERE ${MINE} RETURNING registry`;

/** The canaries that are due, in PostgreSQL. */
export class PgCanaryQueue extends CanaryQueue {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override schedule(canaries: readonly { registry: string; everyMs: number }[]): Promise<void> {
    const names = canaries.map(({ registry }) => registry);
    return this.transaction(async (query) => {
      await query(SCHEDULE, [names]);
      await query(SHORTEN, [names, canaries.map(({ everyMs }) => everyMs)]);
    });
  }

  override claim(free: FreeSlots, leaseMs: number): Promise<DueCanary[]> {
    return withDatabase(async () => {
      const parameters = [free.map(({ registry }) => registry), free.map(({ slots }) => slots), leaseMs];
      const [rows] = (await this.dataSource.query(CLAIM, parameters)) as [DueCanary[], number];
      return rows;
    });
  }

  override renew(canary: DueCanary, leaseMs: number): Promise<void> {
    return this.update(canary, `lease_until = now() + $3 * interval '1 millisecond'`, leaseMs);
  }

  override finish(
    { registry, claims }: DueCanary,
    run: FinishedCanaryRun,
    nextInMs: number,
    alerts: readonly PlannedDelivery[],
  ): Promise<void> {
    const { at, outcome, detectSeconds, restoreSeconds, sentence } = run;
    return this.transaction(async (query) => {
      const values = [registry, claims, nextInMs, at, outcome, detectSeconds, restoreSeconds, sentence];
      const [mine] = (await query(FINISH, values)) as [unknown[], number];
      if (mine.length > 0) await enqueueDeliveries(query, alerts, at);
    });
  }

  override release(canary: DueCanary): Promise<void> {
    return this.update(canary, 'lease_until = NULL');
  }

  override nextDueInMs(registries: readonly string[]): Promise<number | null> {
    return nextDueInMs(this.dataSource, 'canary', registries);
  }

  private update({ registry, claims }: DueCanary, change: string, ...values: unknown[]): Promise<void> {
    return withDatabase(async () => {
      await this.dataSource.query(`UPDATE canary SET ${change} WHERE ${MINE}`, [registry, claims, ...values]);
    });
  }

  private transaction(work: (query: TransactionalQuery) => Promise<void>): Promise<void> {
    return withDatabase(() => this.dataSource.transaction((manager) => work(queryOf(manager))));
  }
}
