import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';
import { processIdentity } from './process-identity.js';

export type DataFolderLock = { release(): Promise<void> };

/**
 * One process a data folder, for as long as the service runs: a second one would otherwise attach to the first one's
 * server and stop it under its feet. A lock whose owner is dead is taken over. PostgreSQL's own `postmaster.pid` stands behind
 * this, so that a lost race costs an error message, never data.
 */
export async function lockDataFolder(dataDir: string): Promise<DataFolderLock> {
  const path = `${dataDir}/postgres.lock`;
  const content = `${process.pid} ${await processIdentity(process.pid)}\n`;
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content, { mode: 0o644 });
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      // A link is made whole or not at all, so nobody ever reads a half-written lock.
      const made = await link(draft, path).then(() => true, isExists);
      if (made) return { release: () => release(path, content) };
      await removeIfStale(path, dataDir);
    }
  } finally {
    await rm(draft, { force: true });
  }
  throw new EmbeddedPostgresError(
    'EMBEDDED_POSTGRES_IN_USE',
    `Other processes keep taking the lock ${path}. Start one Tagwarden at a time on one data folder.`,
  );
}

async function removeIfStale(path: string, dataDir: string): Promise<void> {
  const held = await readFile(path, 'utf8').catch(() => null);
  if (held === null) return;
  const [pid, identity] = held.trim().split(' ');
  if (identity !== undefined && (await processIdentity(Number(pid))) === identity) {
    throw new EmbeddedPostgresError(
      'EMBEDDED_POSTGRES_IN_USE',
      `The data folder ${dataDir} is in use by the running process ${pid}. ` +
        'Stop that one first, or give this one another TAGWARDEN_DATA_DIR.',
    );
  }
  // Moved aside before it is removed: if another process has replaced it meanwhile, its lock goes back.
  const aside = `${path}.stale.${randomUUID()}`;
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  if ((await readFile(aside, 'utf8')) !== held) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function release(path: string, content: string): Promise<void> {
  const held = await readFile(path, 'utf8').catch(() => null);
  if (held === content) await rm(path, { force: true });
}

function isExists(error: NodeJS.ErrnoException): false {
  if (error.code === 'EEXIST') return false;
  throw error;
}
