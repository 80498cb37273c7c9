import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '#testing';
import type { Bench } from './bench.js';
import type { BenchDatabase } from './bench-postgres.js';
import { startScript, waitUntilReady } from './child-process.js';

export const HOOK_TOKEN = 'bench-hook-token';

/** What is covered in every measurement: tags `v…` of the repositories below `acme/`. */
const RULES = [{ name: 'releases', repositories: { matching: ['acme/**'] }, tags: { matching: ['v*'] } }];

export type ServiceParts = {
  readonly app: 'intake' | 'standalone';
  /** null: it can do without. */
  readonly database: BenchDatabase | null;
  /** null: on the embedded bus. */
  readonly kafkaBrokers: readonly string[] | null;
  readonly registryUrl?: string;
  /** Where it has to be known beforehand. */
  readonly port?: number;
};

/** Starts an app as users do, in a process of its own; answers its URL once it is ready. */
export async function startService({ cleanUp }: Bench, parts: ServiceParts): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tagwarden-bench-app-'));
  cleanUp.add(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'tagwarden.yaml'), stringify(configurationFor(parts.registryUrl)));
  const port = parts.port ?? (await freePort());
  const child = startScript(`apps/${parts.app}/src/main.js`, [], {
    ...connections(parts),
    HOOK_TOKEN,
    TAGWARDEN_PORT: String(port),
    TAGWARDEN_CONFIG: join(folder, 'tagwarden.yaml'),
    TAGWARDEN_DATA_DIR: join(folder, 'data'),
    TAGWARDEN_ADMIN_KEY: 'bench-admin-key-0123456789',
    TAGWARDEN_LOG_LEVEL: 'warn',
  });
  cleanUp.add(() => child.stop());
  const url = `http://127.0.0.1:${port}`;
  await Promise.race([waitUntilReady(url), child.message('never')]);
  return url;
}

export function configurationFor(registryUrl = 'http://127.0.0.1:9'): object {
  return {
    registries: [{ name: 'local', kind: 'distribution', url: registryUrl, webhook: { tokenEnv: 'HOOK_TOKEN' } }],
    rules: RULES,
  };
}

export function connections({
  database,
  kafkaBrokers,
}: Pick<ServiceParts, 'database' | 'kafkaBrokers'>): Record<string, string> {
  return {
    ...(database === null ? {} : { DATABASE_URL: database.url, DATABASE_MIGRATION_URL: database.adminUrl }),
    ...(kafkaBrokers === null ? {} : { KAFKA_BROKERS: kafkaBrokers.join(',') }),
  };
}
