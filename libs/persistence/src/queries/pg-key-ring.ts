import type { DataSource } from 'typeorm';
import { KeyExistsError, KeyNotDeletableError, KeyRing, KeyUnknownError, type TransactionalQuery } from '#application';
import type { CreatedKeyView, KeyRole, KeyView, NewKeyBody } from '#contracts';
import type { Instant } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { CHANNELS } from '../record/channels.js';
import { queryOf } from '../record/pg-record-store.js';
import { appendServiceEvents } from '../record/service-events.js';
import { ADMIN, makeKey } from './pg-api-keys.js';

type KeyRow = { name: string; role: KeyRole; created_at: Instant; created_by: string | null };
type Change = { type: 'keyCreated' | 'keyDeleted'; key: { name: string; role: string }; by: string; at: Instant };

const CONFIGURED: KeyView = {
  name: ADMIN,
  role: 'admin',
  origin: 'configuration',
  createdAt: null,
  createdBy: null,
};
const FROM_CONFIGURATION =
  'it comes from the configuration (TAGWARDEN_ADMIN_KEY, or adminKey in tagwarden.yaml). Change it there, and start again.';
const LAST_ADMIN =
  'it is the last one with the role admin, and nobody could manage keys any more. Create another admin key first.';

/** The keys of the database, beside which there may be a configured one. */
export class PgKeyRing extends KeyRing {
  /** `onChange` is called once a change is committed, for what this process remembers of keys. */
  constructor(
    private readonly dataSource: DataSource,
    private readonly isAdminConfigured: boolean,
    private readonly onChange: () => void,
  ) {
    super();
  }

  override async list(): Promise<KeyView[]> {
    const rows = (await withDatabase(() =>
      this.dataSource.query('SELECT name, role, created_at, created_by FROM api_key'),
    )) as KeyRow[];
    const stored = rows.filter(({ name }) => !this.isConfigured(name)).map(viewOfRow);
    return [...(this.isAdminConfigured ? [CONFIGURED] : []), ...stored].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  override async create({ name, role }: NewKeyBody, by: string, at: Instant): Promise<CreatedKeyView> {
    if (this.isConfigured(name)) throw new KeyExistsError(name);
    return this.change(async (query) => {
      const { key, hash } = makeKey();
      const rows = (await query(
        `INSERT INTO api_key (name, hash, created_at, role, created_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING RETURNING name, role, created_at, created_by`,
        [name, hash, at, role, by],
      )) as KeyRow[];
      if (!rows[0]) throw new KeyExistsError(name);
      await tell(query, { type: 'keyCreated', key: { name, role }, by, at });
      return { ...viewOfRow(rows[0]), key };
    });
  }

  override async delete(name: string, by: string, at: Instant): Promise<void> {
    if (this.isConfigured(name)) throw new KeyNotDeletableError(name, FROM_CONFIGURATION);
    return this.change(async (query) => {
      // Admins too: two that delete each other at once take turns, and the second finds itself the last.
      const held = (await query(
        `SELECT name, role FROM api_key WHERE name = $1 OR role = 'admin' ORDER BY name FOR UPDATE`,
        [name],
      )) as KeyRow[];
      const key = held.find((row) => row.name === name);
      if (!key) throw new KeyUnknownError(name);
      const others = held.filter((row) => row.role === 'admin' && row.name !== name);
      if (key.role === 'admin' && others.length === 0 && !this.isAdminConfigured)
        throw new KeyNotDeletableError(name, LAST_ADMIN);
      await query('DELETE FROM api_key WHERE name = $1', [name]);
      await tell(query, { type: 'keyDeleted', key: { name, role: key.role }, by, at });
    });
  }

  private isConfigured(name: string): boolean {
    return this.isAdminConfigured && name === ADMIN;
  }

  private async change<T>(work: (query: TransactionalQuery) => Promise<T>): Promise<T> {
    const result = await withDatabase(() => this.dataSource.transaction((manager) => work(queryOf(manager))));
    this.onChange();
    return result;
  }
}

async function tell(query: TransactionalQuery, { type, key, by, at }: Change): Promise<void> {
  await query('SELECT pg_notify($1, $2)', [CHANNELS.keys, '']);
  const about = { registry: null, repository: null, tag: null, digest: null };
  await appendServiceEvents(query, [{ type, ...about, actor: by, source: 'api', at, detail: key }]);
}

const viewOfRow = (row: KeyRow): KeyView => ({
  name: row.name,
  role: row.role,
  origin: row.created_by === null ? 'firstStart' : 'api',
  createdAt: row.created_at,
  createdBy: row.created_by,
});
