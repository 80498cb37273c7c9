import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe } from './broker.js';
import { startDockerBroker } from './docker-broker.js';
import { getKafkaSource } from './find-kafka.js';
import { startJavaBroker } from './java-broker.js';

type SharedBroker = { brokers: string[]; pid?: number; directory?: string; container?: string };

const run = promisify(execFile);
const state = () => resolve('.cache', 'kafka-shared.json');
const lock = () => resolve('.cache', 'kafka-shared.lock');
const LOCK_TIMEOUT_MS = 180_000;

/**
 * The broker that all test files of a run share: the first caller starts it, the others (in other processes too) find it.
 * It outlives its starter; jest's global teardown ends it with `stopSharedKafka`.
 */
export async function sharedKafka(): Promise<{ readonly brokers: string[] }> {
  const source = await getKafkaSource();
  if (source.type === 'external') return { brokers: source.brokers };
  return underLock(async () => {
    const running = await readState();
    if (running && (await describe(running.brokers)) === undefined) return running;
    if (running) await end(running);
    const started = source.type === 'docker' ? await startDockerBroker() : await startJavaBroker({ detached: true });
    const shared: SharedBroker =
      'container' in started
        ? { brokers: started.brokers, container: started.container }
        : { brokers: started.brokers, pid: started.pid(), directory: started.directory };
    await writeFile(state(), JSON.stringify(shared));
    return shared;
  });
}

/** Ends the shared broker, if there is one. */
export async function stopSharedKafka(): Promise<void> {
  const running = await readState();
  if (running) await end(running);
}

async function end(shared: SharedBroker): Promise<void> {
  await rm(state(), { force: true });
  if (shared.container) await run('docker', ['rm', '--force', '--volumes', shared.container]).catch(() => {});
  // The process id may have been given to somebody else since: only while the broker answers is it sure to be the broker's.
  if (shared.pid && (await describe(shared.brokers)) === undefined) process.kill(shared.pid, 'SIGKILL');
  if (shared.directory) await rm(shared.directory, { recursive: true, force: true, maxRetries: 5 });
}

async function readState(): Promise<SharedBroker | undefined> {
  const text = await readFile(state(), 'utf8').catch(() => undefined);
  return text ? (JSON.parse(text) as SharedBroker) : undefined;
}

async function underLock<T>(work: () => Promise<T>): Promise<T> {
  await mkdir(resolve('.cache'), { recursive: true });
  const owner = join(lock(), 'pid');
  const deadline = Date.now() + LOCK_TIMEOUT_MS;
  while (!(await taken())) {
    const holder = Number(await readFile(owner, 'utf8').catch(() => '0'));
    if (holder > 0 && !isAlive(holder)) await rm(lock(), { recursive: true, force: true });
    if (Date.now() > deadline) throw new Error(`Another process holds ${lock()} too long: remove that folder.`);
    await sleep(100);
  }
  await writeFile(owner, String(process.pid));
  try {
    return await work();
  } finally {
    await rm(lock(), { recursive: true, force: true });
  }
}

async function taken(): Promise<boolean> {
  return mkdir(lock()).then(
    () => true,
    () => false,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
