// What a jest run leaves on the machine: one folder under the OS's temporary one, and the PostgreSQL that lives in it.
// Plain JavaScript, because jest imports global set-up natively and Node 20 reads no TypeScript.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PREFIX = 'tagwarden-jest-';

export const runFolder = (pid) => join(tmpdir(), `${PREFIX}${pid}`);

/** Folders of runs that were killed before they could clean up. */
export async function removeDeadRuns() {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)$`).exec(name)?.[1];
    if (pid === undefined || commandOf(pid) !== null) continue;
    const owner = await stat(runFolder(pid)).catch(() => null);
    if (owner?.uid === process.getuid?.()) await removeRun(runFolder(pid));
  }
}

/** Its data is thrown away, so the server need not write it out. */
export async function removeRun(folder) {
  const pid = await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8').then(
    (text) => Number.parseInt(text, 10),
    () => null,
  );
  // The number may be someone else's by now.
  const isServer = () => pid !== null && commandOf(pid)?.includes(folder);
  if (isServer()) process.kill(pid, 'SIGQUIT');
  for (let waited = 0; waited < 10_000 && isServer(); waited += 20) await sleep(20);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

function commandOf(pid) {
  try {
    // Slim Linux images have no ps.
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || null;
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}
