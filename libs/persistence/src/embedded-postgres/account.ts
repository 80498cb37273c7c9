import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';
import { type Account, cannotRun } from './run-binary.js';

/**
 * PostgreSQL refuses to run as root. Then it runs as whoever owns the data already (so that starting once as root and once
 * as an ordinary user both work), else as `nobody`, which every system has: initdb needs an account with a passwd entry.
 */
export async function chooseAccount(existingData: string): Promise<Account> {
  if (process.getuid?.() !== 0) return null;
  const owner = await stat(existingData).catch(() => null);
  if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return { uid: await idOfNobody('-u'), gid: await idOfNobody('-g') };
}

async function idOfNobody(which: '-u' | '-g'): Promise<number> {
  try {
    return Number((await promisify(execFile)('id', [which, 'nobody'])).stdout.trim());
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'EMBEDDED_POSTGRES_UNAVAILABLE',
      'PostgreSQL does not run as root, and this system has no user "nobody" to run it as. ' +
        'Start Tagwarden as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause },
    );
  }
}

/** Whether the account can enter a folder, asked by trying: modes alone do not tell about ACLs and mounts. */
export async function canEnter(account: Account, folder: string): Promise<boolean> {
  const shell = '/bin/sh';
  try {
    await promisify(execFile)(shell, ['-c', 'cd "$1" && test -r .', 'sh', folder], { ...account, cwd: '/' });
    return true;
  } catch (error) {
    // A number is the shell's answer; a word means that it did not even run.
    if (typeof (error as { code?: unknown }).code === 'string') throw cannotRun(shell, error);
    return false;
  }
}
