import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { oneAtATime } from './one-at-a-time.js';

export type GoProgram = {
  /** The package that `go install` builds; its last part names the program. */
  readonly package: string;
  /** Pinned, as `v3.1.1`. */
  readonly version: string;
  /** The oldest Go that builds it, for the sentence that says so. */
  readonly go: string;
  /** An environment variable that may name the program instead. */
  readonly variable: string;
};

const BUILD_LIMIT_MS = 15 * 60_000;
const WAIT_LIMIT_MS = BUILD_LIMIT_MS + 60_000;
/** The longest that `provisionGoProgram` takes: for the hook of a test that may be the first to ask. */
export const GO_PROVISION_LIMIT_MS = WAIT_LIMIT_MS + BUILD_LIMIT_MS;

/**
 * The path of a program that is to be had as a Go module: built once, at its pinned version, into `.cache/` below the working directory.
 * What the PATH has is not asked, since its version would be anyone's. Throws a sentence that says what to install.
 */
export async function provisionGoProgram(program: GoProgram, cache = resolve('.cache')): Promise<string> {
  const named = process.env[program.variable];
  if (named) {
    if (await isExecutable(named)) return named;
    throw new Error(`${program.variable} is ${named}, which is no program that can be run.`);
  }
  const name = basename(program.package);
  const folder = join(cache, `${name}-${program.version}`);
  const path = join(folder, name);
  if (await isExecutable(path)) return path;
  // Minutes on every core: the workers of a test run must not build it side by side.
  await oneAtATime(`${folder}.lock`, WAIT_LIMIT_MS, async () => {
    if (!(await isExecutable(path))) await build(program, folder, cache);
  });
  return path;
}

/** Built aside and renamed: what stands there is whole. */
async function build(program: GoProgram, folder: string, cache: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'go-build-'));
  try {
    await install(program, work);
    await rename(work, folder).catch(async (error) => {
      if (!(await isExecutable(join(folder, basename(program.package))))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function install(program: GoProgram, target: string): Promise<void> {
  const wanted = `${program.package}@${program.version}`;
  const advice = `or name a program that is built already in ${program.variable}.`;
  try {
    await promisify(execFile)('go', ['install', '-trimpath', '-ldflags=-s -w', wanted], {
      // A target system of the caller's would send the program elsewhere; without cgo no C compiler is needed.
      env: { ...process.env, GOBIN: target, GOOS: '', GOARCH: '', CGO_ENABLED: '0' },
      timeout: BUILD_LIMIT_MS,
      maxBuffer: 32 * 1024 * 1024,
    });
  } catch (error) {
    const { code, killed, stderr = '' } = error as { code?: unknown; killed?: boolean; stderr?: string };
    if (code === 'ENOENT') {
      throw new Error(`${wanted} has to be built, and there is no Go. Install Go ${program.go} or newer, ${advice}`);
    }
    const why = killed ? `it was not done after ${BUILD_LIMIT_MS / 60_000} minutes` : stderr.slice(-1000).trim();
    const remedy = `Check that Go is ${program.go} or newer (\`go version\`) and reaches its module proxy, ${advice}`;
    throw new Error(`Go could not build ${wanted}: ${why || 'it said nothing'}. ${remedy}`);
  }
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
