import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ApiKeys } from '#application';
import { withDatabase } from '../database-unavailable.js';

const ADMIN = 'admin';
/** How long a key that was added or removed elsewhere may go unnoticed. */
const REMEMBERED_MS = 30_000;

type KnownKey = { readonly name: string; readonly hash: Buffer };

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** The hashed keys of the database, and the configured admin key, which takes the place of a generated one. */
export class PgApiKeys extends ApiKeys {
  private readonly configured: Buffer | null;
  private known: { readonly keys: Promise<readonly KnownKey[]>; readonly until: number } | null = null;

  constructor(
    private readonly dataSource: DataSource | null,
    configuredAdminKey: string | null,
    private readonly now: () => number = Date.now,
  ) {
    super();
    this.configured = configuredAdminKey === null ? null : hashOf(configuredAdminKey);
  }

  /** The configured key also opens while the database is away. */
  override async findName(key: string): Promise<string | null> {
    const hash = hashOf(key);
    if (this.configured !== null && timingSafeEqual(this.configured, hash)) return ADMIN;
    const keys = await this.keys();
    // Every key is compared, whichever matches.
    const matching = keys.filter((known) => timingSafeEqual(known.hash, hash));
    return matching[0]?.name ?? null;
  }

  private keys(): Promise<readonly KnownKey[]> {
    if (this.known === null || this.known.until <= this.now()) {
      const keys = this.load();
      const known = { keys, until: this.now() + REMEMBERED_MS };
      this.known = known;
      keys.catch(() => {
        if (this.known === known) this.known = null;
      });
    }
    return this.known.keys;
  }

  private async load(): Promise<KnownKey[]> {
    const { dataSource } = this;
    if (dataSource === null) return [];
    const rows = (await withDatabase(() => dataSource.query('SELECT name, hash FROM api_key'))) as KnownKey[];
    return rows.filter(({ name, hash }) => hash.length === 32 && !(name === ADMIN && this.configured !== null));
  }
}

/**
 * Where no key is configured and none is stored, makes one and keeps its hash. `created` is the key itself: to be shown once, and to
 * nobody but the person at the terminal.
 */
export async function ensureAdminKey(
  dataSource: DataSource,
  configured?: string | null,
): Promise<{ created?: string }> {
  if (configured) return {};
  const created = `tw_${randomBytes(32).toString('base64url')}`;
  const rows = (await withDatabase(() =>
    dataSource.query(
      `INSERT INTO api_key (name, hash, created_at) SELECT $1, $2, now() WHERE NOT EXISTS (SELECT FROM api_key)
       ON CONFLICT DO NOTHING RETURNING name`,
      [ADMIN, hashOf(created)],
    ),
  )) as unknown[];
  return rows.length === 1 ? { created } : {};
}
