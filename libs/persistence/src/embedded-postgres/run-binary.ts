import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '#domain';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';

/** The user that PostgreSQL runs as; null is whoever we are. */
export type Account = { readonly uid: number; readonly gid: number } | null;

/** What the binaries may see of our environment: nothing of ours, no PG… of the user's, one language for messages. */
export const binaryEnvironment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' };

/** Runs one of PostgreSQL's programs to its end. */
export async function runBinary(program: string, args: readonly string[], account: Account): Promise<void> {
  try {
    await promisify(execFile)(program, args, { ...account, cwd: '/', env: binaryEnvironment });
  } catch (error) {
    throw cannotRun(program, error);
  }
}

export function cannotRun(program: string, error: unknown): EmbeddedPostgresError {
  const { code, stderr } = error as { code?: unknown; stderr?: string };
  const reason =
    code === 'ENOENT'
      ? 'the loader it needs is missing (it needs glibc: Alpine has none)'
      : code === 'EPERM'
        ? 'this process may not change to another user, and PostgreSQL does not run as root'
        : code === 'EACCES'
          ? 'its folder does not allow programs to run'
          : (stderr?.trim() || messageOf(error)).slice(-2000);
  return new EmbeddedPostgresError(
    typeof code === 'string' ? 'EMBEDDED_POSTGRES_UNAVAILABLE' : 'EMBEDDED_POSTGRES_FAILED',
    `${program} failed: ${reason}. If it cannot run here, set DATABASE_URL to a PostgreSQL of your own.`,
    { cause: error },
  );
}
