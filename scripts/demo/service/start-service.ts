import { randomBytes } from 'node:crypto';
import { realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Vault } from '#application';
import { loadConfiguration, startApp } from '#platform';
import { KNOWN_KINDS } from '#registries';
import { STANDALONE } from '../../../apps/standalone/src/standalone.js';
import type { Cleanup } from '../cleanup.js';
import type { DemoRegistry } from '../registry/demo-registry.js';
import type { QuietLog } from './quiet-log.js';

/** As tagwarden.yaml calls the registry. */
export const REGISTRY_NAME = 'demo';
export const RULE = { repositories: 'acme/**', tags: 'v*' } as const;

export type Service = {
  readonly url: string;
  readonly adminKey: string;
  /** Which no API shows: whether a manifest is kept is seen here. */
  readonly vault: Vault;
};

export type ServiceSurroundings = {
  readonly port: number;
  readonly registry: DemoRegistry;
  readonly hookToken: string;
  readonly folder: string;
  readonly log: QuietLog;
  readonly cleanup: Cleanup;
};

/**
 * What `npm start` starts, in this process: the vault can be asked, and one Ctrl-C ends all. It reads a tagwarden.yaml such as anybody
 * would write, and nothing of the caller's environment: the demo must not reach a real database.
 */
export async function startService(surroundings: ServiceSurroundings): Promise<Service> {
  const { folder, log, cleanup, hookToken } = surroundings;
  const adminKey = `tw_${randomBytes(24).toString('base64url')}`;
  const file = join(folder, 'tagwarden.yaml');
  await writeFile(file, stringify(configurationFile(surroundings)));
  const env = { TAGWARDEN_CONFIG: file, TAGWARDEN_ADMIN_KEY: adminKey, DEMO_HOOK_TOKEN: hookToken };
  const configuration = loadConfiguration({ env, cwd: folder, knownKinds: KNOWN_KINDS });
  cleanup.add('the database’s files', () => removeDatabase(configuration.dataDir));
  const running = await startApp({ ...STANDALONE, onListening: () => undefined }, configuration, log);
  cleanup.add('Tagwarden', () => running.stop());
  return { url: running.url, adminKey, vault: running.nest.get(Vault) };
}

function configurationFile({ port, registry }: ServiceSurroundings): unknown {
  return {
    host: '127.0.0.1',
    port,
    dataDir: 'data',
    registries: [
      { name: REGISTRY_NAME, kind: registry.kind, url: registry.url, webhook: { tokenEnv: 'DEMO_HOOK_TOKEN' } },
    ],
    rules: [
      {
        name: 'releases',
        repositories: { matching: [RULE.repositories] },
        tags: { matching: [RULE.tags] },
        mode: 'enforce',
        protect: ['overwrite', 'deletion'],
      },
    ],
    // Whoever tries it out breaks one tag more often than is healthy, and should not be taken for a rival writer.
    enforcement: { breaker: { restores: 100 } },
  };
}

/** Where PostgreSQL's account could not enter our folder, `postgres` in it is a link to a place where it could. */
async function removeDatabase(dataDir: string): Promise<void> {
  const cluster = await realpath(join(dataDir, 'postgres')).catch(() => null);
  if (cluster !== null) await rm(cluster, { recursive: true, force: true });
}
