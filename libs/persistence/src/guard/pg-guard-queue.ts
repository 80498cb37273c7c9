import type { DataSource } from 'typeorm';
import { type DueGuard, type FreeSlots, GuardQueue } from '#application';
import type { Instant, TagName } from '#domain';
import { withDatabase } from '../database-unavailable.js';

const TAGS_AT_MOST = 1_000;

/** Taking a row moves its time by the lease: it comes back by itself should its keeper die. */
const CLAIM = `
WITH due AS (
  SELECT d.* FROM unnest($1::text[], $2::int[]) AS free (registry, slots) CROSS JOIN LATERAL (
    SELECT registry, repository, digest FROM guard g WHERE g.registry = free.registry AND next_at <= now()
    ORDER BY next_at LIMIT free.slots FOR UPDATE SKIP LOCKED) d)
UPDATE guard g SET next_at = now() + $3 * interval '1 millisecond', attempts = attempts + 1 FROM due
WHERE g.registry = due.registry AND g.repository = due.repository AND g.digest = due.digest
RETURNING g.registry, g.repository, g.digest, g.attempts, g.proven_at AS "provenAt"`;

const ONE = 'registry = $1 AND repository = $2 AND digest = $3';

/** A tag that is sealed on a digest was bound to it: bindings are indexed by digest. */
const SEALED_TAGS = `SELECT DISTINCT t.tag FROM binding b JOIN tag t ON t.id = b.tag_id
WHERE b.digest = $3 AND t.registry = $1 AND t.repository = $2 AND t.seal_digest = $3 LIMIT ${TAGS_AT_MOST}`;

const NEXT_DUE = `SELECT extract(epoch FROM min(d.next_at) - now()) * 1000 AS ms FROM unnest($1::text[]) AS r (registry)
CROSS JOIN LATERAL (SELECT next_at FROM guard g WHERE g.registry = r.registry ORDER BY next_at LIMIT 1) d`;

/** The work list of `GuardSeal` in PostgreSQL, and what is proven. */
export class PgGuardQueue extends GuardQueue {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override claim(free: FreeSlots, leaseMs: number): Promise<DueGuard[]> {
    return withDatabase(async () => {
      const parameters = [free.map(({ registry }) => registry), free.map(({ slots }) => slots), leaseMs];
      const [rows] = (await this.dataSource.query(CLAIM, parameters)) as [DueGuard[], number];
      return rows;
    });
  }

  override renew(guard: DueGuard, leaseMs: number): Promise<void> {
    return this.run(`UPDATE guard SET next_at = now() + $4 * interval '1 millisecond' WHERE ${ONE}`, guard, [leaseMs]);
  }

  override findSealedTags({ registry, repository, digest }: DueGuard): Promise<readonly TagName[]> {
    return withDatabase(async () => {
      const rows = await this.dataSource.query(SEALED_TAGS, [registry, repository, digest]);
      return (rows as { tag: TagName }[]).map(({ tag }) => tag);
    });
  }

  override proven(guard: DueGuard, at: Instant, againInMs: number): Promise<void> {
    return this.run(
      `UPDATE guard SET proven_at = $4, failure = NULL, attempts = 0, next_at = now() + $5 * interval '1 millisecond' WHERE ${ONE}`,
      guard,
      [at, againInMs],
    );
  }

  override postpone(guard: DueGuard, delayMs: number, reason: string | null): Promise<void> {
    return this.run(
      `UPDATE guard SET next_at = now() + $4 * interval '1 millisecond', failure = $5 WHERE ${ONE}`,
      guard,
      [delayMs, reason],
    );
  }

  override drop(guard: DueGuard): Promise<void> {
    // One that was asked for again meanwhile has no attempts.
    return this.run(`DELETE FROM guard WHERE ${ONE} AND attempts = $4`, guard, [guard.attempts]);
  }

  override nextDueInMs(registries: readonly string[]): Promise<number | null> {
    return withDatabase(async () => {
      const [row] = (await this.dataSource.query(NEXT_DUE, [registries])) as { ms: string | null }[];
      return row?.ms == null ? null : Math.max(0, Number(row.ms));
    });
  }

  private run(sql: string, { registry, repository, digest }: DueGuard, values: readonly unknown[]): Promise<void> {
    return withDatabase(async () => {
      await this.dataSource.query(sql, [registry, repository, digest, ...values]);
    });
  }
}
