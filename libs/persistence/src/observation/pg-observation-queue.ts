import type { DataSource } from 'typeorm';
import { type DueObservation, type FreeSlots, ObservationQueue } from '#application';
import { withDatabase } from '../database-unavailable.js';
import { nextDueInMs } from '../due-work.js';

const CLAIM = `
WITH due AS (
  SELECT d.tag_id FROM unnest($1::text[], $2::int[]) AS free (registry, slots) CROSS JOIN LATERAL (
    SELECT tag_id FROM observation o
    WHERE o.registry = free.registry AND next_at <= now() AND (lease_until IS NULL OR lease_until < now())
    ORDER BY next_at LIMIT free.slots FOR UPDATE SKIP LOCKED) d)
UPDATE observation o SET lease_until = now() + $3 * interval '1 millisecond', attempts = attempts + 1 FROM due
WHERE o.tag_id = due.tag_id
RETURNING o.tag_id AS "tagId", o.registry, o.repository, o.tag, o.attempts, o.hint, o.seen, o.lease_until AS lease`;

/** Whoever asks for a tag anew takes its lease away: what the look before it found is not the last word then. */
const IS_STILL_OURS = 'tag_id = $1 AND lease_until = $2';

/** The work list of `ObserveTag` in PostgreSQL. */
export class PgObservationQueue extends ObservationQueue {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override claim(free: FreeSlots, leaseMs: number): Promise<DueObservation[]> {
    return withDatabase(async () => {
      const parameters = [free.map(({ registry }) => registry), free.map(({ slots }) => slots), leaseMs];
      const [rows] = (await this.dataSource.query(CLAIM, parameters)) as [DueObservation[], number];
      return rows;
    });
  }

  override finish({ tagId, lease }: DueObservation): Promise<void> {
    return this.run(`DELETE FROM observation WHERE ${IS_STILL_OURS}`, [tagId, lease]);
  }

  override lookAgain({ tagId, lease }: DueObservation, seen: string, delayMs: number): Promise<void> {
    return this.run(
      `UPDATE observation SET lease_until = NULL, seen = $3, attempts = 0, next_at = now() + $4 * interval '1 millisecond'
       WHERE ${IS_STILL_OURS}`,
      [tagId, lease, seen, delayMs],
    );
  }

  override postpone({ tagId, lease }: DueObservation, delayMs: number): Promise<void> {
    return this.run(
      `UPDATE observation SET lease_until = NULL, next_at = now() + $3 * interval '1 millisecond' WHERE ${IS_STILL_OURS}`,
      [tagId, lease, delayMs],
    );
  }

  override nextDueInMs(registries: readonly string[]): Promise<number | null> {
    return nextDueInMs(this.dataSource, 'observation', registries);
  }

  private run(sql: string, parameters: unknown[]): Promise<void> {
    return withDatabase(async () => {
      await this.dataSource.query(sql, parameters);
    });
  }
}
