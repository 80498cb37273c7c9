import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readlink, realpath, rmdir, stat, symlink } from 'node:fs/promises';
import type { Log } from '#application';
import { canEnter, chooseAccount } from './account.js';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';
import type { Account } from './run-binary.js';

/** Where the cluster lives when its account cannot get into the data folder. */
const SYSTEM_FOLDER = '/var/lib/tagwarden';

/** `root` holds `data/`, `bin-<version>/`, `log/` and `access.json`. */
export type Place = { readonly root: string; readonly account: Account };

/**
 * `<dataDir>/postgres`, or what that link points to. As root, PostgreSQL runs as `nobody`, which cannot get below a 0700 folder such
 * as /root: the cluster then lives in /var/lib/tagwarden/<hash of the data folder's path>, and `<dataDir>/postgres` becomes a link
 * to it, so that it is found again after a restart, also when the data folder has been moved.
 */
export async function findPlace(dataDir: string, log: Log, systemFolder = SYSTEM_FOLDER): Promise<Place> {
  const wanted = `${dataDir}/postgres`;
  await refuseDanglingLink(wanted);
  await makeFolder(wanted);
  const root = await realpath(wanted);
  const account = await chooseAccount(`${root}/data`);
  if (account === null || (await canEnter(account, root))) {
    if (root !== wanted) log.info(`The embedded PostgreSQL keeps its files in ${root}.`, { root });
    return { root, account };
  }

  if (root !== wanted || (await exists(`${root}/data`))) {
    throw new EmbeddedPostgresError(
      'EMBEDDED_POSTGRES_BAD_DATA',
      `The database in ${root} cannot be reached by uid ${account.uid}, which PostgreSQL runs as. ` +
        'Give every folder above it the permission to pass through (chmod o+x).',
    );
  }
  const id = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const elsewhere = `${systemFolder}/${id}`;
  await makeFolder(elsewhere);
  if (!(await canEnter(account, elsewhere))) {
    throw new EmbeddedPostgresError(
      'EMBEDDED_POSTGRES_UNAVAILABLE',
      `Neither ${wanted} nor ${elsewhere} can be reached by uid ${account.uid}, which PostgreSQL runs as. ` +
        'Set TAGWARDEN_DATA_DIR to a folder whose parents all users may pass through, or set DATABASE_URL.',
    );
  }
  await rmdir(wanted);
  await symlink(elsewhere, wanted);
  log.warn(
    `PostgreSQL does not run as root, and other users cannot enter ${dataDir}: the database is kept in ${elsewhere}. ` +
      'Back that folder up too, or set TAGWARDEN_DATA_DIR to a folder that all users may pass through.',
    { root: elsewhere },
  );
  return { root: elsewhere, account };
}

/** A lost volume must not look like a new installation: the record would be silently empty. */
async function refuseDanglingLink(path: string): Promise<void> {
  const link = await lstat(path).catch(() => null);
  if (!link?.isSymbolicLink() || (await exists(path))) return;
  throw new EmbeddedPostgresError(
    'EMBEDDED_POSTGRES_BAD_DATA',
    `${path} points to ${await readlink(path)}, which is missing. ` +
      'Bring that folder back, or remove the link to start with an empty database.',
  );
}

/** Passable for all users whatever the umask; what is secret inside is guarded by its own mode. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = made.slice(0, made.lastIndexOf('/'))) {
    await chmod(made, 0o755);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
