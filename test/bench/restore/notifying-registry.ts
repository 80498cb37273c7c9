import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { provisionDistribution } from '#testing';
import type { CleanUp } from '../clean-up.js';
import { HOOK_TOKEN } from '../service.js';

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 3_000;

/**
 * A real registry that notifies two: whoever restores, and the bench, which thereby learns of a restoration without asking for it all the
 * time. `startDistribution` of #testing has one endpoint.
 */
export async function startNotifyingRegistry(
  cleanUp: CleanUp,
  port: number,
  endpoints: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tagwarden-bench-registry-'));
  cleanUp.add(() => rm(folder, { recursive: true, force: true }));
  const config = join(folder, 'config.yml');
  await writeFile(config, stringify(configurationOf(folder, port, endpoints)), { mode: 0o600 });
  // Variables named REGISTRY_… would override the configuration.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('REGISTRY_')));
  const child = spawn(await provisionDistribution(), ['serve', config], {
    env: { ...env, OTEL_TRACES_EXPORTER: 'none' },
    stdio: 'ignore',
  });
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  cleanUp.add(async () => {
    process.removeListener('exit', killAtExit);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    // Its queue may wait for an endpoint that is gone.
    const patience = setTimeout(killAtExit, STOP_LIMIT_MS);
    await exited;
    clearTimeout(patience);
  });
  const url = `http://127.0.0.1:${port}`;
  await waitUntilUp(url);
  return url;
}

function configurationOf(folder: string, port: number, endpoints: Readonly<Record<string, string>>): object {
  return {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'storage') }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}`, secret: 'one registry alone needs no shared secret' },
    notifications: {
      endpoints: Object.entries(endpoints).map(([name, url]) => ({
        name,
        url,
        headers: { Authorization: [`Bearer ${HOOK_TOKEN}`] },
        timeout: '1s',
        threshold: 3,
        backoff: '250ms',
        // As docs recommend where exposure is not wanted: each reading of ours would be notified too.
        ignore: { mediatypes: ['application/octet-stream'], actions: ['pull'] },
      })),
    },
  };
}

async function waitUntilUp(url: string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(`${url}/v2/`).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await sleep(20);
  }
  throw new Error(`The registry did not come up at ${url}.`);
}
