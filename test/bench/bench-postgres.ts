import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate, startEmbeddedPostgres } from '#persistence';
import type { CleanUp } from './clean-up.js';
import { QUIET } from './quiet-log.js';

export type BenchDatabase = {
  readonly name: string;
  /** As the service's role. */
  readonly url: string;
  /** As the owner, who migrates. */
  readonly adminUrl: string;
};

const MIGRATED = 'bench_migrated';

/** A PostgreSQL with the settings that `npm start` gives it, full durability among them: figures without fsync would be others' figures. */
export class BenchPostgres {
  private constructor(
    private readonly adminUrl: string,
    private readonly appUrl: string,
    private readonly admin: pg.Client,
  ) {}

  static async start(cleanUp: CleanUp): Promise<BenchPostgres> {
    const dataDir = await mkdtemp(join(tmpdir(), 'tagwarden-bench-'));
    cleanUp.add(() => rm(dataDir, { recursive: true, force: true }));
    // PostgreSQL runs as another user when we are root, and has to pass through.
    await chmod(dataDir, 0o711);
    const server = await startEmbeddedPostgres({ dataDir, log: QUIET });
    cleanUp.add(() => server.stop());
    const admin = new pg.Client({ connectionString: server.adminUrl });
    await admin.connect();
    cleanUp.add(() => admin.end());
    const postgres = new BenchPostgres(server.adminUrl, server.appUrl, admin);
    await postgres.createDatabase({ name: MIGRATED, template: 'template0' });
    await migrate({ url: postgres.database(MIGRATED).adminUrl });
    return postgres;
  }

  /** With the schema and nothing in it, or as a copy of `template`, which nobody may be connected to. */
  async createDatabase(options: { name?: string; template?: string } = {}): Promise<BenchDatabase> {
    const { name = `bench_${randomBytes(6).toString('hex')}`, template = MIGRATED } = options;
    await this.admin.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
    return this.database(name);
  }

  async dropDatabase({ name }: BenchDatabase): Promise<void> {
    await this.admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }

  /** So that no run pays for writing out what the one before it has dirtied. */
  async checkpoint(): Promise<void> {
    await this.admin.query('CHECKPOINT');
  }

  async show(setting: string): Promise<string> {
    const { rows } = await this.admin.query<Record<string, string>>(`SHOW ${setting}`);
    return Object.values(rows[0] ?? {})[0] ?? 'unknown';
  }

  async version(): Promise<string> {
    return (await this.show('server_version')).split(' ')[0] ?? 'unknown';
  }

  private database(name: string): BenchDatabase {
    const at = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
    return { name, url: at(this.appUrl), adminUrl: at(this.adminUrl) };
  }
}

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
