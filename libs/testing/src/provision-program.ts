import { execFile } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

export type Program = {
  /** What it may be called, in order of preference. */
  readonly names: readonly string[];
  /** Its package in Debian and Ubuntu. */
  readonly debianPackage: string;
  /** An environment variable that may name it. */
  readonly variable: string;
  /** Where other systems find it, for the sentence that says so. */
  readonly elsewhere: string;
};

/** The path of a program that the tests and the demo run for real; installed where that can be done without asking. */
export async function provisionProgram(program: Program): Promise<string> {
  const named = process.env[program.variable];
  if (named) {
    if (await isExecutable(named)) return named;
    throw new Error(`${program.variable} is ${named}, which is no program that can be run.`);
  }
  const found = await findOnPath(program.names);
  if (found !== null) return found;
  const advice = `Install it (Debian, Ubuntu: apt-get install ${program.debianPackage}; else ${program.elsewhere}), or name it in ${program.variable}.`;
  const missing = `None of ${program.names.join(', ')} is on the PATH. ${advice}`;
  if (process.getuid?.() !== 0 || !(await isDebian())) throw new Error(missing);
  await installDebianPackage(program.debianPackage, advice);
  const installed = await findOnPath(program.names);
  if (installed === null) throw new Error(missing);
  return installed;
}

async function installDebianPackage(name: string, advice: string): Promise<void> {
  const apt = (...args: string[]) =>
    promisify(execFile)('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 32 * 1024 * 1024,
    });
  try {
    await apt('update');
    await apt('install', '-y', '--no-install-recommends', name);
  } catch (cause) {
    throw new Error(`apt-get could not install ${name}. ${advice}`, { cause });
  }
}

async function findOnPath(names: readonly string[]): Promise<string | null> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (await isExecutable(path)) return path;
    }
  }
  return null;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function isDebian(): Promise<boolean> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release);
}
