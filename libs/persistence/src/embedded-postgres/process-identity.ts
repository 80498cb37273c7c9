import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * What tells a live process from a later one with the same number; null when there is none (a zombie counts as none).
 * Numbers alone are not enough: in a restarted container the same few come back at once.
 */
export async function processIdentity(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    ]);
    // The command's name may itself hold spaces and brackets, so fields count from the last one: state, ppid, …
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields === undefined || fields[0] === 'Z' || fields[0] === 'X') return null;
    return `${boot.trim()}/${fields[19]}`;
  }
  return ps(pid, 'lstart=');
}

/** The command line of a live process, or null. */
export async function processCommand(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
    return line === null ? null : line.replaceAll('\0', ' ').trim();
  }
  return ps(pid, 'command=');
}

async function ps(pid: number, column: string): Promise<string | null> {
  const answer = await promisify(execFile)('ps', ['-o', column, '-p', String(pid)]).catch(() => null);
  return answer?.stdout.trim() || null;
}
