import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '#application';
import { messageOf } from '#domain';
import type { Binaries } from './binaries.js';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';
import type { Place } from './place.js';
import { processCommand, processIdentity } from './process-identity.js';
import { binaryEnvironment, cannotRun } from './run-binary.js';

const POLL_MS = 20;
/** Replaying a gigabyte of log after a crash takes its time; nobody wants it interrupted. */
const START_LIMIT_MS = 300_000;
const STOP_LIMIT_MS = 60_000;
const LEFTOVERS_LIMIT_MS = 15_000;

export type Server = { readonly pid: number; readonly port: number };

/** The server that runs on this data already: one that outlived a SIGKILL of ours. */
export async function findRunningServer(place: Place, log: Log): Promise<Server | null> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    const file = await readPidFile(place);
    if (file === null) return null;
    const alive = (await processIdentity(file.pid)) !== null;
    if (!alive || !(await processCommand(file.pid))?.includes(`${place.root}/data`)) {
      await disownPidFile(place, log);
      return null;
    }
    if (file.status === 'ready') return { pid: file.pid, port: file.port };
    // Still starting, or stopping: then the file goes away.
    await sleep(POLL_MS);
  }
  throw new EmbeddedPostgresError(
    'EMBEDDED_POSTGRES_FAILED',
    `A PostgreSQL runs in ${place.root} and has been neither ready nor gone for 5 minutes. ${await lastWords(place)}`,
  );
}

export async function startServer(place: Place, binaries: Binaries, port: number, log: Log): Promise<Server> {
  const deadline = Date.now() + LEFTOVERS_LIMIT_MS;
  for (;;) {
    try {
      return await startOnce(place, binaries, port, log);
    } catch (error) {
      // A killed server's sessions notice within moments, and hold its shared memory until then.
      if (Date.now() > deadline || !/shared memory block .* is still in use/.test(messageOf(error))) throw error;
      await sleep(200);
    }
  }
}

async function startOnce(place: Place, binaries: Binaries, port: number, log: Log): Promise<Server> {
  const child = await spawnServer(place, `${binaries.folder}/bin/postgres`, port);
  const pid = child.pid as number;
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    const file = await readPidFile(place);
    if (file?.pid === pid && file.status === 'ready') {
      child.once('exit', (code, signal) => {
        if (code !== 0)
          log.error('The embedded PostgreSQL ended by itself.', { code, signal, log: `${place.root}/log` });
      });
      return { pid, port };
    }
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new EmbeddedPostgresError(
        'EMBEDDED_POSTGRES_FAILED',
        `The embedded PostgreSQL ended while it was starting. ${await lastWords(place)}`,
      );
    }
    await sleep(POLL_MS);
  }
  process.kill(pid, 'SIGQUIT');
  throw new EmbeddedPostgresError(
    'EMBEDDED_POSTGRES_FAILED',
    `The embedded PostgreSQL was not ready after 5 minutes. ${await lastWords(place)}`,
  );
}

/** Fast shutdown: sessions end, everything is written. If that hangs, an immediate one, which the next start recovers from. */
export async function stopServer(place: Place, server: Server, log: Log): Promise<void> {
  const identity = await processIdentity(server.pid);
  const command = await processCommand(server.pid);
  // Gone by itself, and the number may be someone else's by now.
  if (identity === null || !command?.includes(`${place.root}/data`)) return;
  for (const [signal, limit] of [['SIGINT', STOP_LIMIT_MS] as const, ['SIGQUIT', 10_000] as const]) {
    if (signal === 'SIGQUIT')
      log.warn('The embedded PostgreSQL does not stop: ending it at once.', { pid: server.pid });
    process.kill(server.pid, signal);
    const deadline = Date.now() + limit;
    while (Date.now() < deadline) {
      if ((await processIdentity(server.pid)) !== identity) return;
      await sleep(POLL_MS);
    }
  }
  throw new EmbeddedPostgresError(
    'EMBEDDED_POSTGRES_FAILED',
    `The embedded PostgreSQL (process ${server.pid}) does not stop. ${await lastWords(place)}`,
  );
}

/** Line by line: pid, data folder, start time, port, socket folder, address, shared memory, status. */
async function readPidFile(place: Place): Promise<(Server & { status: string }) | null> {
  const text = await readFile(`${place.root}/data/postmaster.pid`, 'utf8').catch(() => null);
  if (text === null) return null;
  const lines = text.split('\n');
  return { pid: Math.abs(Number(lines[0])), port: Number(lines[3]), status: lines[7]?.trim() ?? '' };
}

/**
 * The file names no server of ours: a stranger with the same number, as after a reboot or in a new container, or a zombie. PostgreSQL
 * takes both for a running server and refuses to start, unless the number is its parent's, that is ours. Then it still looks
 * for sessions left over in shared memory, which it could not if the file were removed.
 */
async function disownPidFile(place: Place, log: Log): Promise<void> {
  const path = `${place.root}/data/postmaster.pid`;
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace(/^-?\d+/, String(process.pid)));
  log.info('The embedded PostgreSQL had not been stopped; it recovers now.', { path });
}

/** The last complaints of this start: those before the collector took the log over, and those after. */
async function lastWords(place: Place): Promise<string> {
  const folder = `${place.root}/log`;
  const weekday = new Date().toLocaleString('en-US', { weekday: 'short', timeZone: 'UTC' });
  const names = ['start.log', `postgres-${weekday}.log`];
  const texts = await Promise.all(names.map((name) => readFile(`${folder}/${name}`, 'utf8').catch(() => '')));
  const lines = texts.flatMap((text) =>
    text
      .split('\n')
      .filter((line) => /FATAL|PANIC|could not/.test(line))
      .slice(-2),
  );
  return `It said: ${lines.join(' / ').slice(-1000) || 'nothing'}. Its log is in ${folder}.`;
}

async function spawnServer(place: Place, program: string, port: number): Promise<ChildProcess> {
  const output = openSync(`${place.root}/log/start.log`, 'w', 0o600);
  try {
    // In its own session, so that Ctrl-C in a terminal reaches only us: we drain first and stop it last.
    const child = spawn(program, ['-D', `${place.root}/data`, '-p', String(port)], {
      ...place.account,
      cwd: '/',
      env: binaryEnvironment,
      detached: true,
      stdio: ['ignore', output, output],
    });
    await once(child, 'spawn');
    child.unref();
    return child;
  } catch (error) {
    throw cannotRun(program, error);
  } finally {
    closeSync(output);
  }
}
