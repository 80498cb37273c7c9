import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Does the work while no other process does work under the same lock, a folder. The lock of a process that has died is taken over. It
 * saves work, and no more than that: two may still come to hold it where one takes over at the wrong moment.
 */
export async function oneAtATime<T>(lock: string, limitMs: number, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(lock), { recursive: true });
  const owner = join(lock, 'pid');
  const deadline = Date.now() + limitMs;
  while (!(await isTaken(lock))) {
    const holder = Number(await readFile(owner, 'utf8').catch(() => '0'));
    if (holder > 0 && !isAlive(holder)) await rm(lock, { recursive: true, force: true });
    if (Date.now() > deadline) {
      throw new Error(
        `Another process has held ${lock} for ${limitMs / 1000} s. If none is at work, remove that folder.`,
      );
    }
    await sleep(100);
  }
  try {
    await writeFile(owner, String(process.pid));
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

/** True where this call took it. */
function isTaken(lock: string): Promise<boolean> {
  return mkdir(lock).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process lives, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
