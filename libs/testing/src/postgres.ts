import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

export type TestPostgres = {
  /** A superuser's. */
  readonly adminUrl: string;
  /** The application's role, `tagwarden_app`. */
  readonly appUrl: string;
};

export type TestDatabase = {
  /** As the owner. */
  readonly url: string;
  /** As `tagwarden_app`, with no more rights than `prepare` has granted it. */
  readonly appUrl: string;
  /** Also ends the connections that are still open. */
  drop(): Promise<void>;
};

export type TestDatabaseOptions = {
  /** Names the template; databases with one name share it, and its `prepare`. */
  readonly template?: string;
  /** Fills the template, once a jest run, whichever worker comes first. It must close its connections. */
  readonly prepare?: (url: string) => Promise<void>;
};

const START_LIMIT_MS = 60_000;
const APP_ROLE = 'tagwarden_app';
/** Any constant does: it keeps workers apart that fill a template at once. */
const TEMPLATE_LOCK = 7_426_801;

/**
 * The PostgreSQL of this jest run: the server that TEST_DATABASE_URL (a superuser's) names, else one shared by all workers,
 * started by the first that asks and stopped by jest's global teardown.
 */
export async function startTestPostgres(): Promise<TestPostgres> {
  if (process.env.TEST_DATABASE_URL) return openGivenServer(process.env.TEST_DATABASE_URL);
  const folder = runFolder();
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    const started = await readFile(`${folder}/server.json`, 'utf8').catch(() => null);
    if (started !== null) return JSON.parse(started);
    // Making a folder succeeds for one worker only.
    const mine = await mkdir(`${folder}/starting`).then(
      () => true,
      () => false,
    );
    if (mine) await startServer(folder);
    else await sleep(50);
  }
  throw new Error(`The worker that starts the test PostgreSQL has not finished in a minute; look into ${folder}.`);
}

/** A fresh database, cloned from a template that `prepare` has filled. */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = await startTestPostgres();
  const name = databaseName(`db_${randomBytes(6).toString('hex')}`);
  await withClient(server.adminUrl, async (admin) => {
    const template = options.prepare ? await ensureTemplate(admin, server, options) : 'template0';
    await admin.query(`CREATE DATABASE ${admin.escapeIdentifier(name)} TEMPLATE ${admin.escapeIdentifier(template)}`);
  });
  return {
    url: withDatabase(server.adminUrl, name),
    appUrl: withDatabase(server.appUrl, name),
    drop: () =>
      withClient(server.adminUrl, async (admin) => {
        await admin.query(`DROP DATABASE IF EXISTS ${admin.escapeIdentifier(name)} WITH (FORCE)`);
      }),
  };
}

async function ensureTemplate(admin: Client, server: TestPostgres, options: TestDatabaseOptions): Promise<string> {
  const name = databaseName(`template_${options.template ?? 'default'}`);
  const draft = `${name}_new`;
  // Released with the connection, also when prepare throws.
  await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  const known = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  if (known.rowCount === 0) {
    // Renamed when it is full, so that a prepare that failed half-way leaves no template.
    await admin.query(`DROP DATABASE IF EXISTS ${admin.escapeIdentifier(draft)} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${admin.escapeIdentifier(draft)} TEMPLATE template0`);
    await options.prepare?.(withDatabase(server.adminUrl, draft));
    await admin.query(`ALTER DATABASE ${admin.escapeIdentifier(draft)} RENAME TO ${admin.escapeIdentifier(name)}`);
  }
  await admin.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  return name;
}

async function startServer(folder: string): Promise<void> {
  try {
    // Only the worker that starts it pays for loading it.
    const { startEmbeddedPostgres } = await import('#persistence');
    const silent = { debug() {}, info() {}, warn: console.warn, error() {} };
    const { adminUrl, appUrl } = await startEmbeddedPostgres({ dataDir: folder, log: silent, durability: 'none' });
    await writeFile(`${folder}/server.json.new`, JSON.stringify({ adminUrl, appUrl }), { mode: 0o600 });
    await rename(`${folder}/server.json.new`, `${folder}/server.json`);
  } finally {
    // After a failure the next worker tries, and reports it for its own spec.
    await rm(`${folder}/starting`, { recursive: true });
  }
}

/** On a server that is not ours the application's role may be missing, or have a password that we do not know. */
async function openGivenServer(adminUrl: string): Promise<TestPostgres> {
  const password = 'tagwarden-test';
  await withClient(adminUrl, async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const known = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [APP_ROLE]);
    await admin.query(`${known.rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${APP_ROLE} LOGIN PASSWORD '${password}'`);
  });
  const url = new URL(adminUrl);
  url.username = APP_ROLE;
  url.password = password;
  return { adminUrl, appUrl: url.href };
}

function runFolder(): string {
  const folder = process.env.TAGWARDEN_TEST_RUN_DIR;
  if (folder) return folder;
  throw new Error(
    'No test run is set up: jest.config.mjs must name test/global-setup.mjs and test/global-teardown.mjs.',
  );
}

/** The run's number is in the name, so that its teardown finds what is its own. */
function databaseName(rest: string): string {
  const run = basename(process.env.TAGWARDEN_TEST_RUN_DIR ?? '').replace('tagwarden-jest-', '');
  return `tagwarden_test_${run}_${rest}`;
}

function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
