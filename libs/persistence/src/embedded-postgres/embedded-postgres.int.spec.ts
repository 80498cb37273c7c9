import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Client } from 'pg';
import type { Log } from '#application';
import { findPlace } from './place.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './start-embedded-postgres.js';

jest.setTimeout(60_000);

let dataDir: string;
let messages: string[];
let running: EmbeddedPostgres[];
const say = (message: string) => void messages.push(message);
const log: Log = { debug: say, info: say, warn: say, error: say };

beforeEach(async () => {
  dataDir = await mkdtemp(`${tmpdir()}/tagwarden embedded-`);
  await chmod(dataDir, 0o711);
  messages = [];
  running = [];
});

afterEach(async () => {
  for (const server of running) await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(options: { port?: number } = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, log, durability: 'none', ...options });
  running.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('a new data folder', () => {
  it('gets a cluster of UTF-8, checksums and UTC, with an app role that owns nothing', async () => {
    const server = await start();
    expect(
      await query(
        server.adminUrl,
        `SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('server_encoding') AS encoding,
                current_setting('data_checksums') AS checksums, current_setting('timezone') AS zone,
                current_setting('listen_addresses') AS address, current_setting('shared_buffers') AS buffers`,
      ),
    ).toEqual([{ major: 18, encoding: 'UTF8', checksums: 'on', zone: 'UTC', address: '127.0.0.1', buffers: '128MB' }]);
    expect(
      await query(
        server.appUrl,
        'SELECT current_user AS me, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user',
      ),
    ).toEqual([{ me: 'tagwarden_app', rolsuper: false, rolcreatedb: false }]);
    await expect(query(server.appUrl, 'CREATE TABLE t (id int)')).rejects.toThrow(/permission denied/);
  });

  it('keeps its passwords to the owner of the file, and out of the log', async () => {
    const server = await start();
    const file = `${dataDir}/postgres/access.json`;
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { ownerPassword, appPassword } = JSON.parse(await readFile(file, 'utf8'));
    const wrong = server.adminUrl.replace(ownerPassword, 'wrong');
    await expect(query(wrong, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    expect(messages.join()).not.toContain(ownerPassword);
    expect(messages.join()).not.toContain(appPassword);
  });
});

describe('a restart', () => {
  it('finds data, passwords and port again', async () => {
    const first = await start();
    await query(first.adminUrl, 'CREATE TABLE kept AS SELECT 7 AS value');
    await first.stop();
    await expect(query(first.adminUrl, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);

    const second = await start();
    expect(second.adminUrl).toBe(first.adminUrl);
    expect(await query(second.adminUrl, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
  });

  it('moves to another port when its own has been taken', async () => {
    const first = await start();
    await first.stop();
    const squatter = createServer().listen(first.port, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const second = await start();
      expect(second.port).not.toBe(first.port);
      expect(await query(second.appUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      squatter.close();
    }
  });

  it('does without the files of a half-made cluster', async () => {
    await mkdir(`${dataDir}/postgres/data.new/base`, { recursive: true });
    await mkdir(`${dataDir}/postgres/bin-0.0.1`, { recursive: true });
    await start();
    expect((await readdir(`${dataDir}/postgres`)).filter((name) => /new|0\.0\.1/.test(name))).toEqual([]);
  });

  it('starts although postmaster.pid names a live process that is no server', async () => {
    const first = await start();
    await first.stop();
    const stale = `${process.ppid}\n${dataDir}/postgres/data\n1700000000\n5432\n\n127.0.0.1\n\nready   \n`;
    await writeFile(`${dataDir}/postgres/data/postmaster.pid`, stale);
    const second = await start();
    expect(await query(second.adminUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('refuses a database whose passwords are gone, rather than make another', async () => {
    await (await start()).stop();
    await rm(`${dataDir}/postgres/access.json`);
    await expect(start()).rejects.toThrow(/access\.json with its passwords is gone/);
  });
});

describe('two processes', () => {
  it('after a SIGKILL of the first, the second attaches to the server left behind', async () => {
    const { child, server: left } = await startInChild();
    await query(left.adminUrl, 'CREATE TABLE kept AS SELECT 7 AS value');
    child.kill('SIGKILL');
    await once(child, 'exit');

    const attached = await start();
    expect({ adminUrl: attached.adminUrl, pid: attached.pid }).toEqual({ adminUrl: left.adminUrl, pid: left.pid });
    expect(await query(attached.adminUrl, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
    await attached.stop();
    await expect(query(left.adminUrl, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
  });

  it('after a SIGKILL of both node and server, the second recovers what was committed', async () => {
    const { child, server: left } = await startInChild();
    await query(left.adminUrl, 'CREATE TABLE kept AS SELECT 7 AS value');
    child.kill('SIGKILL');
    process.kill(left.pid, 'SIGKILL');
    await once(child, 'exit');
    expect(await query((await start()).adminUrl, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
  });

  it('while the first lives, the second is refused and told whose the folder is', async () => {
    const { child } = await startInChild();
    try {
      await expect(start()).rejects.toThrow(`in use by the running process ${child.pid}`);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
      await start();
    }
  });

  it('at once, one starts and the other is refused', async () => {
    const outcomes = await Promise.allSettled([start(), start(), start()]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  async function startInChild(): Promise<{ child: ChildProcess; server: EmbeddedPostgres }> {
    const here = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
    const args = ['--import', here('load-typescript.mjs'), here('start-and-wait.ts'), dataDir];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH },
    });
    const [line] = await once(createInterface(child.stdout), 'line');
    return { child, server: JSON.parse(line) };
  }
});

it('says what to do where npm has no binaries for the platform', async () => {
  const resolvePackage = () => {
    throw new Error('Cannot find module');
  };
  await expect(startEmbeddedPostgres({ dataDir, log, resolvePackage })).rejects.toMatchObject({
    code: 'EMBEDDED_POSTGRES_UNAVAILABLE',
    message: expect.stringContaining('Set DATABASE_URL'),
  });
});

// Only root has to hand the cluster to another user; an ordinary one keeps it where it was asked to.
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;
asRoot('as root, with a data folder that nobody else may enter', () => {
  it('keeps the cluster in the system folder, leaves a link, and finds it again', async () => {
    const closed = `${dataDir}/closed`;
    await mkdir(`${closed}/data`, { recursive: true });
    await chmod(closed, 0o700);
    const place = await findPlace(`${closed}/data`, log, `${dataDir}/system`);
    expect(place.root.startsWith(`${dataDir}/system/`)).toBe(true);
    expect(await readlink(`${closed}/data/postgres`)).toBe(place.root);
    expect(messages.join()).toContain(`the database is kept in ${place.root}`);
    expect(await findPlace(`${closed}/data`, log, `${dataDir}/system`)).toEqual(place);

    await rm(place.root, { recursive: true });
    await expect(findPlace(`${closed}/data`, log, `${dataDir}/system`)).rejects.toThrow(/which is missing/);
  });
});
