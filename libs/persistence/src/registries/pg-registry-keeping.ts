import type { DataSource } from 'typeorm';
import {
  RegistryChangedMeanwhileError,
  type RegistryDeed,
  RegistryExistsError,
  RegistryKeeping,
  RegistryNotFoundError,
  type RegistryToKeep,
  type StoredDefinition,
  type StoredRegistry,
  type TransactionalQuery,
} from '#application';
import { type Instant, messageOf } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { CHANNELS } from '../record/channels.js';
import { queryOf } from '../record/pg-record-store.js';
import { appendServiceEvents } from '../record/service-events.js';
import { requestSweeps } from '../sweeps/request-sweep.js';
import { openSecrets, type SecretKey, sealSecrets } from './secret-box.js';

/** Where the key comes from that seals the secrets. */
export type SecretKeyring = {
  /** null where there is none yet. */
  find(): Promise<SecretKey | null>;
  /** Makes one where that may be done; throws `SECRET_KEY_MISSING` otherwise. */
  get(): Promise<SecretKey>;
};

type RegistryRow = { name: string; definition: StoredDefinition; secrets: Buffer; key_id: string };

const ADD = `INSERT INTO registry (name, definition, secrets, key_id, created_by, created_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING RETURNING 1`;
/** Each sealing has a nonce of its own, so the box itself tells one version from another. */
const REPLACE = `UPDATE registry SET definition = $2, secrets = $3, key_id = $4, changed_at = $5
WHERE name = $1 AND secrets = $6 RETURNING 1`;

/** The stored registries in PostgreSQL. */
export class PgRegistryKeeping extends RegistryKeeping {
  constructor(
    private readonly dataSource: DataSource,
    private readonly keyring: SecretKeyring,
  ) {
    super();
  }

  override async list(): Promise<StoredRegistry[]> {
    const rows = (await withDatabase(() =>
      this.dataSource.query('SELECT name, definition, secrets, key_id FROM registry ORDER BY name'),
    )) as RegistryRow[];
    // Without a stored registry nobody needs a key.
    const key = rows.length === 0 ? null : await this.keyring.find();
    return rows.map((row) => storedOf(row, key));
  }

  override async create(registry: RegistryToKeep, deed: RegistryDeed): Promise<void> {
    const { keyId, box } = sealSecrets(await this.keyring.get(), registry.name, registry.secrets);
    const values = [registry.name, JSON.stringify(registry.definition), box, keyId, deed.by, deed.at];
    return this.change(async (query) => {
      const added = (await query(ADD, values)) as unknown[];
      if (added.length === 0) throw new RegistryExistsError(registry.name);
      await requestSweeps(query, [registry.name], 'hand');
      await writeDown(query, 'registryCreated', registry.name, detailOf(registry), deed);
    });
  }

  override async replace(registry: RegistryToKeep, version: string, deed: RegistryDeed): Promise<void> {
    const { keyId, box } = sealSecrets(await this.keyring.get(), registry.name, registry.secrets);
    const before = Buffer.from(version, 'base64');
    const values = [registry.name, JSON.stringify(registry.definition), box, keyId, deed.at, before];
    return this.change(async (query) => {
      const [rows] = (await query(REPLACE, values)) as [unknown[], number];
      if (rows.length === 0) throw new RegistryChangedMeanwhileError(registry.name);
      await writeDown(query, 'registryChanged', registry.name, detailOf(registry), deed);
    });
  }

  override delete(name: string, deed: RegistryDeed): Promise<void> {
    return this.change(async (query) => {
      const [rows] = (await query('DELETE FROM registry WHERE name = $1 RETURNING 1', [name])) as [unknown[], number];
      if (rows.length === 0) throw new RegistryNotFoundError(name);
      await writeDown(query, 'registryDeleted', name, {}, deed);
    });
  }

  override noteSubscription(
    name: string,
    detail: Readonly<Record<string, unknown>>,
    deed: RegistryDeed,
  ): Promise<void> {
    return withDatabase(() =>
      this.dataSource.transaction((manager) =>
        writeDown(queryOf(manager), 'subscriptionInstalled', name, detail, deed),
      ),
    );
  }

  override async lastHeard(names: readonly string[]): Promise<ReadonlyMap<string, Instant>> {
    const rows = (await withDatabase(() =>
      this.dataSource.query('SELECT registry, last_at FROM registry_heard WHERE registry = ANY($1)', [names]),
    )) as { registry: string; last_at: Instant }[];
    return new Map(rows.map(({ registry, last_at }) => [registry, last_at]));
  }

  private change(work: (query: TransactionalQuery) => Promise<void>): Promise<void> {
    return withDatabase(() =>
      this.dataSource.transaction(async (manager) => {
        const query = queryOf(manager);
        await work(query);
        await query('SELECT pg_notify($1, $2)', [CHANNELS.registries, '']);
      }),
    );
  }
}

function storedOf(
  { name, definition, secrets: box, key_id: keyId }: RegistryRow,
  key: SecretKey | null,
): StoredRegistry {
  const registry = { name, definition, version: box.toString('base64') };
  try {
    return { ...registry, secrets: { type: 'opened', values: openSecrets(key, name, { keyId, box }) } };
  } catch (error) {
    return { ...registry, secrets: { type: 'unreadable', reason: messageOf(error) } };
  }
}

/** Which secrets were given, not what they are. */
const detailOf = ({ definition, secrets }: RegistryToKeep) => ({ definition, secrets: Object.keys(secrets).sort() });

function writeDown(
  query: TransactionalQuery,
  type: string,
  registry: string,
  detail: Readonly<Record<string, unknown>>,
  { by, at }: RegistryDeed,
): Promise<void> {
  const subject = { registry, repository: null, tag: null, digest: null };
  return appendServiceEvents(query, [{ ...subject, type, actor: by, source: 'api', at, detail }]);
}
