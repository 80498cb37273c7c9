import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '#testing';
import { waitUntil } from '../wait-until.js';
import { answers } from './answers.js';
import { type DemoRegistry, type Hook, hookUrl, type RegistrySurroundings } from './demo-registry.js';

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 5_000;

/** zot as a program of this machine. Its minimal build has no events: then the first step that waits for one says so. */
export async function startZot(program: string, surroundings: RegistrySurroundings): Promise<DemoRegistry> {
  const { hook, folder, cleanup, signal } = surroundings;
  const port = await freePort();
  const config = join(folder, 'zot.json');
  await writeFile(config, JSON.stringify(configuration(hook, port, join(folder, 'zot')), null, 2), { mode: 0o600 });
  const log = join(folder, 'zot.log');
  const child = spawnInto(log, program, ['serve', config]);
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  cleanup.add('the registry', async () => {
    process.removeListener('exit', kill);
    await stop(child);
  });
  const url = `http://127.0.0.1:${port}`;
  await waitUntil(
    async () => {
      if (child.exitCode === null && child.pid !== undefined) return (await answers(url)) ? true : null;
      throw new Error(`${program} ended at once. It said: ${(await readFile(log, 'utf8')).trim().slice(-1000)}`);
    },
    { complaint: () => `${program} does not answer at ${url}.`, everyMs: 50, limitMs: START_LIMIT_MS, signal },
  );
  return { kind: 'zot', url, host: `127.0.0.1:${port}`, origin: `It is ${program}.` };
}

function configuration(hook: Hook, port: number, storage: string): unknown {
  const credentials = { username: 'tagwarden', password: hook.token };
  return {
    distSpecVersion: '1.1.1',
    storage: { rootDirectory: storage },
    http: { address: '127.0.0.1', port: String(port) },
    log: { level: 'warn' },
    extensions: {
      events: { enable: true, sinks: [{ type: 'http', address: hookUrl(hook), timeout: '5s', credentials }] },
    },
  };
}

function spawnInto(log: string, program: string, args: readonly string[]): ChildProcess {
  const output = openSync(log, 'w', 0o600);
  const child = spawn(program, args, { stdio: ['ignore', output, output] });
  closeSync(output);
  // A program that cannot be run has no pid; the wait for its answer sees that.
  child.once('error', () => undefined);
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  const patience = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  child.kill('SIGTERM');
  await exited;
  clearTimeout(patience);
}
