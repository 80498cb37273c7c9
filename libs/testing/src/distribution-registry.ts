import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { freePort } from './free-port.js';
import { provisionProgram } from './provision-program.js';

/** The CNCF registry (distribution), the reference for all others. */
export function provisionDistribution(): Promise<string> {
  return provisionProgram({
    names: ['registry', 'docker-registry'],
    debianPackage: 'docker-registry',
    variable: 'TAGWARDEN_TEST_REGISTRY',
    elsewhere: 'a binary from https://github.com/distribution/distribution/releases',
  });
}

export type DistributionOptions = {
  readonly notifications?: {
    readonly url: string;
    readonly headers?: Readonly<Record<string, readonly string[]>>;
    readonly ignore?: { readonly mediatypes?: readonly string[]; readonly actions?: readonly string[] };
    /** Go durations: `1s`, `250ms`. */
    readonly timeout?: string;
    readonly backoff?: string;
    /** Failures in a row before it backs off. */
    readonly threshold?: number;
  };
  /** Lines of an htpasswd file, bcrypt only; see `TEST_CREDENTIALS`. */
  readonly htpasswd?: string;
  /** Default true. */
  readonly deleteEnabled?: boolean;
  readonly port?: number;
  /** Kept by `stop`, where given; else a temporary folder, removed by it. */
  readonly storageDir?: string;
};

/** A user for `htpasswd`, with its password and its line (bcrypt, cost 5). */
export const TEST_CREDENTIALS = {
  username: 'ci',
  password: 'ci-password',
  htpasswd: 'ci:$2b$05$abcdefghijklmnopqrstuuC7uMkR8UFunpGwBrQKJueMXXEBtATru\n',
} as const;

export type Distribution = {
  readonly url: string;
  /** `127.0.0.1:port`: what comes before the repository in a reference. */
  readonly host: string;
  readonly port: number;
  readonly storageDir: string;
  /** Ends it for good. */
  stop(): Promise<void>;
  /** SIGKILL; `restart` brings it back. Notifications still queued are lost, as in the real thing. */
  kill(): Promise<void>;
  /** On the same port and storage. */
  restart(): Promise<void>;
  /** Flags: `--delete-untagged`, `--dry-run`. The registry's own advice is to have it down meanwhile. Answers what was printed. */
  garbageCollect(flags?: readonly string[]): Promise<string>;
};

const START_LIMIT_MS = 20_000;

/** Starts a real registry on a loopback port and waits until it answers; `binary` is a program other than the provisioned one. */
export async function startDistribution(options: DistributionOptions = {}, binary?: string): Promise<Distribution> {
  const program = binary ?? (await provisionDistribution());
  const folder = await mkdtemp(join(tmpdir(), 'tagwarden-registry-'));
  const storageDir = options.storageDir ?? join(folder, 'storage');
  const port = options.port ?? (await freePort());
  const host = `127.0.0.1:${port}`;
  const config = join(folder, 'config.yml');
  await mkdir(storageDir, { recursive: true });
  if (options.htpasswd !== undefined) await writeFile(join(folder, 'htpasswd'), options.htpasswd, { mode: 0o600 });
  await writeFile(config, stringify(configuration(options, { host, storageDir, folder })), { mode: 0o600 });

  let child: ChildProcess | null = null;
  // A test run that ends without stopping it must not leave it behind.
  const killAtExit = () => void child?.kill('SIGKILL');
  process.once('exit', killAtExit);

  const start = async () => {
    child = spawnRegistry(program, config, join(folder, 'registry.log'));
    await waitUntilUp(child, `http://${host}/v2/`, join(folder, 'registry.log'));
  };
  const end = async (signal: NodeJS.Signals) => {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    await exited;
  };
  const stop = async () => {
    // Its queue waits for sinks that may be gone: after a polite moment it is killed.
    const current = child;
    const patience = setTimeout(() => void current?.kill('SIGKILL'), 3000);
    await end('SIGTERM');
    clearTimeout(patience);
    process.removeListener('exit', killAtExit);
    await rm(folder, { recursive: true, force: true });
  };

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://${host}`,
    host,
    port,
    storageDir,
    stop,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGKILL');
      await start();
    },
    garbageCollect: async (flags = []) => {
      const { stdout, stderr } = await promisify(execFile)(program, ['garbage-collect', ...flags, config]);
      return stdout + stderr;
    },
  };
}

function configuration(
  options: DistributionOptions,
  at: { host: string; storageDir: string; folder: string },
): unknown {
  const { notifications, htpasswd, deleteEnabled = true } = options;
  return {
    version: 0.1,
    // At info it writes the endpoint's Authorization header into its log.
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: at.storageDir }, delete: { enabled: deleteEnabled } },
    http: { addr: at.host, secret: 'one registry alone needs no shared secret' },
    ...(htpasswd !== undefined && {
      auth: { htpasswd: { realm: 'tagwarden-test', path: join(at.folder, 'htpasswd') } },
    }),
    ...(notifications && {
      notifications: {
        endpoints: [
          {
            name: 'tagwarden',
            url: notifications.url,
            headers: notifications.headers ?? {},
            timeout: notifications.timeout ?? '1s',
            threshold: notifications.threshold ?? 3,
            backoff: notifications.backoff ?? '500ms',
            ...(notifications.ignore && { ignore: notifications.ignore }),
          },
        ],
      },
    }),
  };
}

function spawnRegistry(program: string, config: string, log: string): ChildProcess {
  const output = openSync(log, 'a', 0o600);
  // Variables named REGISTRY_… would override the configuration.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('REGISTRY_')));
  const child = spawn(program, ['serve', config], {
    env: { ...env, OTEL_TRACES_EXPORTER: 'none' },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  return child;
}

async function waitUntilUp(child: ChildProcess, url: string, log: string): Promise<void> {
  let failure: unknown = null;
  child.once('error', (error) => {
    failure = error;
  });
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline && failure === null && child.exitCode === null && child.signalCode === null) {
    const status = await fetch(url).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      },
      () => 0,
    );
    if (status === 200 || status === 401) return;
    await sleep(20);
  }
  child.kill('SIGKILL');
  const words = await readFile(log, 'utf8').catch(() => '');
  throw new Error(`The registry did not come up at ${url}. It said: ${words.slice(-1000).trim() || 'nothing'}`, {
    cause: failure ?? undefined,
  });
}
