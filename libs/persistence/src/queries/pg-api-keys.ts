import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ApiKeys, type KeyHolder } from '#application';
import { KEY_ROLES, type KeyRole } from '#contracts';
import { withDatabase } from '../database-unavailable.js';

/** The name of the configured key, and of the one that is generated in its place. */
export const ADMIN = 'admin';
/** How long a key that was added or removed elsewhere may go unnoticed. */
const REMEMBERED_MS = 30_000;

type KeyRow = { readonly name: string; readonly role: string; readonly hash: Buffer };
type KnownKey = { readonly holder: KeyHolder; readonly hash: Buffer };

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** A new key, and what is kept of it. */
export function makeKey(): { key: string; hash: Buffer } {
  const key = `tw_${randomBytes(32).toString('base64url')}`;
  return { key, hash: hashOf(key) };
}

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
  override async findHolder(key: string): Promise<KeyHolder | null> {
    const hash = hashOf(key);
    if (this.configured !== null && timingSafeEqual(this.configured, hash)) return { name: ADMIN, role: 'admin' };
    const keys = await this.keys();
    // Every key is compared, whichever matches.
    const matching = keys.filter((known) => timingSafeEqual(known.hash, hash));
    return matching[0]?.holder ?? null;
  }

  /** A key was added or removed: the next caller is compared with what the database has then. */
  forget(): void {
    this.known = null;
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
    const rows = (await withDatabase(() => dataSource.query('SELECT name, role, hash FROM api_key'))) as KeyRow[];
    return rows
      .filter(({ name, hash }) => hash.length === 32 && !(name === ADMIN && this.configured !== null))
      .flatMap(({ name, role, hash }) => (isRole(role) ? [{ holder: { name, role }, hash }] : []));
  }
}

/** A role that nobody knows, such as that of a newer version, opens nothing. */
const isRole = (role: string): role is KeyRole => KEY_ROLES.some((known) => known === role);

/**
 * Where no key is configured and none is stored, makes one and keeps its hash. `created` is the key itself: to be shown once, and to
 * nobody but the person at the terminal.
 */
export async function ensureAdminKey(
  dataSource: DataSource,
  configured?: string | null,
): Promise<{ created?: string }> {
  if (configured) return {};
  const { key, hash } = makeKey();
  const rows = (await withDatabase(() =>
    dataSource.query(
      `INSERT INTO api_key (name, hash, created_at, role)
       SELECT $1, $2, now(), 'admin' WHERE NOT EXISTS (SELECT FROM api_key WHERE role = 'admin')
       ON CONFLICT DO NOTHING RETURNING name`,
      [ADMIN, hash],
    ),
  )) as unknown[];
  return rows.length === 1 ? { created: key } : {};
}
