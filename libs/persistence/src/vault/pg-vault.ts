import { LRUCache } from 'lru-cache';
import type { DataSource } from 'typeorm';
import { type FreeSlots, type KeptManifest, Vault, type VaultFetch } from '#application';
import { encodeRecorderMessage, TOPICS } from '#contracts';
import type { Digest, RepositoryRef } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { nextDueInMs } from '../due-work.js';
import { enqueueMessages } from '../record/outbox-rows.js';
import { queryOf } from '../record/pg-record-store.js';
import { keepManifestRows } from './manifest-rows.js';

type ManifestRow = { digest: Digest; media_type: string; bytes: Buffer; children: Digest[]; blobs: Digest[] };

const REMEMBERED_BYTES = 8 * 1024 * 1024;

const CLAIM = `
WITH due AS (
  SELECT d.* FROM unnest($1::text[], $2::int[]) AS free (registry, slots) CROSS JOIN LATERAL (
    SELECT registry, repository, digest FROM vault_fetch f
    WHERE f.registry = free.registry AND next_at <= now() AND (lease_until IS NULL OR lease_until < now())
    ORDER BY next_at LIMIT free.slots FOR UPDATE SKIP LOCKED) d)
UPDATE vault_fetch f SET lease_until = now() + $3 * interval '1 millisecond', attempts = attempts + 1 FROM due
WHERE f.registry = due.registry AND f.repository = due.repository AND f.digest = due.digest
RETURNING f.registry, f.repository, f.tag, f.digest, f.attempts`;

/** The vault in PostgreSQL. */
export class PgVault extends Vault {
  /** What a digest names never changes, so it may be remembered. */
  private readonly recent = new LRUCache<Digest, KeptManifest>({
    maxSize: REMEMBERED_BYTES,
    sizeCalculation: ({ bytes }) => bytes.length + 1,
  });

  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override async find(digests: readonly Digest[]): Promise<ReadonlyMap<Digest, KeptManifest>> {
    const known = digests.flatMap((digest) => this.recent.get(digest) ?? []);
    const unknown = digests.filter((digest) => !this.recent.has(digest));
    const read = unknown.length === 0 ? [] : await this.read(unknown);
    for (const manifest of read) this.recent.set(manifest.digest, manifest);
    return new Map([...known, ...read].map((manifest) => [manifest.digest, manifest]));
  }

  private read(digests: readonly Digest[]): Promise<KeptManifest[]> {
    return withDatabase(async () => {
      const rows = (await this.dataSource.query('SELECT * FROM manifest WHERE digest = ANY($1)', [
        digests,
      ])) as ManifestRow[];
      return rows.map(manifestOfRow);
    });
  }

  override async findTree(digest: Digest): Promise<{ manifests: readonly KeptManifest[]; missing: readonly Digest[] }> {
    const levels: KeptManifest[] = [];
    const missing: Digest[] = [];
    const seen = new Set<Digest>([digest]);
    for (let wanted: readonly Digest[] = [digest]; wanted.length > 0; ) {
      const found = await this.find(wanted);
      missing.push(...wanted.filter((one) => !found.has(one)));
      levels.push(...found.values());
      wanted = [...found.values()].flatMap(({ children }) =>
        children.filter((child) => !seen.has(child) && seen.add(child)),
      );
    }
    return { manifests: levels.reverse(), missing };
  }

  override keep(manifests: readonly KeptManifest[]): Promise<void> {
    return withDatabase(() => this.dataSource.transaction((manager) => keepManifestRows(queryOf(manager), manifests)));
  }

  override claimFetches(free: FreeSlots, leaseMs: number): Promise<VaultFetch[]> {
    return withDatabase(async () => {
      const parameters = [free.map(({ registry }) => registry), free.map(({ slots }) => slots), leaseMs];
      const [rows] = (await this.dataSource.query(CLAIM, parameters)) as [VaultFetch[], number];
      return rows;
    });
  }

  override finishFetch(fetch: VaultFetch, refold: boolean): Promise<void> {
    return withDatabase(() =>
      this.dataSource.transaction(async (manager) => {
        const query = queryOf(manager);
        const { registry, repository, tag, digest } = fetch;
        await query('DELETE FROM vault_fetch WHERE registry = $1 AND repository = $2 AND digest = $3', [
          registry,
          repository,
          digest,
        ]);
        const message = encodeRecorderMessage({ kind: 'refold', registry, repository, tag });
        if (refold) await enqueueMessages(query, [{ topic: TOPICS.registryEvents, ...message }]);
      }),
    );
  }

  override postponeFetch(fetch: VaultFetch, delayMs: number, reason: string): Promise<void> {
    return withDatabase(async () => {
      await this.dataSource.query(
        `UPDATE vault_fetch SET lease_until = NULL, next_at = now() + $4 * interval '1 millisecond', last_error = $5
         WHERE registry = $1 AND repository = $2 AND digest = $3`,
        [fetch.registry, fetch.repository, fetch.digest, delayMs, reason],
      );
    });
  }

  override nextFetchInMs(registries: readonly string[]): Promise<number | null> {
    return nextDueInMs(this.dataSource, 'vault_fetch', registries);
  }

  override wasAnyDeleted({ registry, repository }: RepositoryRef, digests: readonly Digest[]): Promise<boolean> {
    return withDatabase(async () => {
      const rows = await this.dataSource.query(
        `SELECT FROM event WHERE registry = $1 AND repository = $2 AND type IN ('manifestDeleted', 'repositoryDeleted')
         AND digest = ANY($3) LIMIT 1`,
        [registry, repository, digests],
      );
      return (rows as unknown[]).length > 0;
    });
  }
}

const manifestOfRow = ({ digest, media_type, bytes, children, blobs }: ManifestRow): KeptManifest => ({
  digest,
  mediaType: media_type,
  bytes,
  children,
  blobs,
});
