import { appendFile, chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { Client } from 'pg';
import { type Access, APP_ROLE, DATABASE, newAccess, OWNER_ROLE, readAccess, urlOf, writeAccess } from './access.js';
import type { Binaries } from './binaries.js';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';
import type { Place } from './place.js';
import { runBinary } from './run-binary.js';
import { type Durability, settingsFile } from './settings.js';

/** Makes the cluster if there is none, and answers with its passwords. A crash on the way leaves nothing half-made. */
export async function ensureCluster(place: Place, binaries: Binaries): Promise<Access> {
  const data = `${place.root}/data`;
  const existing = await readFile(`${data}/PG_VERSION`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new EmbeddedPostgresError(
      'EMBEDDED_POSTGRES_BAD_DATA',
      `The database in ${data} belongs to another user. Start Tagwarden as root or as that user, or give it to this one (chown -R).`,
      { cause: error },
    );
  });
  const access = await readAccess(place.root);
  if (existing === null) return createCluster(place, binaries, access ?? newAccess());

  const major = binaries.version.split('.')[0];
  if (existing.trim() !== major) {
    throw new EmbeddedPostgresError(
      'EMBEDDED_POSTGRES_BAD_DATA',
      `The database in ${data} was made by PostgreSQL ${existing.trim()}, and this installation ships ${major}. ` +
        'Dump it with the Tagwarden that made it and restore it here, or go back to that one.',
    );
  }
  if (access === null) {
    throw new EmbeddedPostgresError(
      'EMBEDDED_POSTGRES_BAD_DATA',
      `There is a database in ${data}, but ${place.root}/access.json with its passwords is gone. ` +
        'Bring that file back from a backup; or remove the folder to start with an empty database.',
    );
  }
  return access;
}

async function createCluster(place: Place, binaries: Binaries, access: Access): Promise<Access> {
  // Passwords first: a cluster whose passwords were never kept could not be opened again.
  await writeAccess(place.root, access);
  const draft = `${place.root}/data.new`;
  const passwordFile = `${place.root}/owner-password.new`;
  await rm(draft, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, access.ownerPassword, { mode: 0o600 });
    await giveTo(place, draft, passwordFile);
    await runBinary(
      `${binaries.folder}/bin/initdb`,
      [
        `--pgdata=${draft}`,
        `--username=${OWNER_ROLE}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // Built in, so that a newer C library cannot change the order of an index.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--data-checksums',
        '--no-instructions',
      ],
      place.account,
    );
    await appendFile(`${draft}/postgresql.conf`, "\ninclude_if_exists = 'tagwarden.conf'\n");
    await rename(draft, `${place.root}/data`);
  } finally {
    await rm(passwordFile, { force: true });
  }
  return access;
}

/** Writes the settings and the log folder; before every start, so that a new release's settings take effect. */
export async function configureCluster(place: Place, durability: Durability): Promise<string> {
  const logFolder = `${place.root}/log`;
  await mkdir(logFolder, { recursive: true });
  await chmod(logFolder, 0o700);
  const file = `${place.root}/data/tagwarden.conf`;
  await writeFile(file, settingsFile(logFolder, durability));
  await giveTo(place, logFolder, file);
  return logFolder;
}

/** The application's role and the database, if they are not there yet. */
export async function ensureDatabase(access: Access, port: number): Promise<void> {
  const client = new Client({ connectionString: urlOf(OWNER_ROLE, access.ownerPassword, port, 'postgres') });
  await client.connect();
  try {
    const roles = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [APP_ROLE]);
    if (roles.rowCount === 0) {
      await client.query(`CREATE ROLE ${APP_ROLE} LOGIN PASSWORD ${client.escapeLiteral(access.appPassword)}`);
    }
    const databases = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (databases.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${OWNER_ROLE}`);
    await client.query(`REVOKE ALL ON DATABASE ${DATABASE} FROM PUBLIC`);
    await client.query(`GRANT CONNECT ON DATABASE ${DATABASE} TO ${APP_ROLE}`);
  } finally {
    await client.end();
  }
}

async function giveTo({ account }: Place, ...paths: string[]): Promise<void> {
  if (account === null) return;
  for (const path of paths) await chown(path, account.uid, account.gid);
}
