import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';

export const OWNER_ROLE = 'tagwarden';
export const APP_ROLE = 'tagwarden_app';
export const DATABASE = 'tagwarden';

/** How to get into the cluster; kept in a 0600 file beside it. */
const Access = z.object({
  ownerPassword: z.string().min(1),
  appPassword: z.string().min(1),
  /** The last port used, taken again if it is free, so that a `psql` line in somebody's notes goes on working. */
  port: z.int().nullable(),
});
export type Access = Readonly<z.infer<typeof Access>>;

export async function readAccess(root: string): Promise<Access | null> {
  const path = `${root}/access.json`;
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw unreadable(path, error);
  });
  if (text === null) return null;
  try {
    return Access.parse(JSON.parse(text));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

export async function writeAccess(root: string, access: Access): Promise<void> {
  const path = `${root}/access.json`;
  await writeFile(`${path}.new`, `${JSON.stringify(access)}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}

export function newAccess(): Access {
  return { ownerPassword: newPassword(), appPassword: newPassword(), port: null };
}

export function urlOf(role: string, password: string, port: number, database = DATABASE): string {
  return `postgresql://${role}:${password}@127.0.0.1:${port}/${database}`;
}

const newPassword = () => randomBytes(24).toString('base64url');

function unreadable(path: string, cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'EMBEDDED_POSTGRES_BAD_DATA',
    `${path}, which keeps the passwords of the embedded PostgreSQL, cannot be read. ` +
      'Start Tagwarden as the user that made it, or bring the file back from a backup.',
    { cause },
  );
}
