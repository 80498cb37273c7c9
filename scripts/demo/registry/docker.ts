import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { messageOf } from '#domain';
import { freePort } from '#testing';
import { waitUntil } from '../wait-until.js';
import { answers } from './answers.js';
import { type DemoRegistry, type Hook, hookUrl, IGNORED_EVENTS, type RegistrySurroundings } from './demo-registry.js';

const IMAGE = 'registry:3';
const CONFIG_IN_CONTAINER = '/tagwarden-demo.yml';
const START_LIMIT_MS = 30_000;
const PULL_LIMIT_MS = 600_000;

/** Whether a container can share this machine's loopback, where Tagwarden listens. */
export type DockerPlace = 'shares-loopback' | 'behind-gateway';

async function docker(args: readonly string[], limitMs = 60_000): Promise<string> {
  try {
    return (await promisify(execFile)('docker', args, { timeout: limitMs })).stdout.trim();
  } catch (cause) {
    const words = String((cause as { stderr?: unknown }).stderr ?? '').trim();
    throw new Error(`"docker ${args[0]}" failed: ${words || messageOf(cause)}`, { cause });
  }
}

/** null where no engine answers: the `docker` program alone is not enough. */
export async function whereDockerRuns(): Promise<DockerPlace | null> {
  try {
    const engine = await docker(
      ['info', '--format', '{{.ServerVersion}} {{.OperatingSystem}} {{.SecurityOptions}}'],
      10_000,
    );
    // Without a server the client prints blanks, and some versions of it still succeed.
    if (!/^\d/.test(engine)) return null;
    // Desktop's and a rootless engine's "host" network is another machine's or namespace's.
    return process.platform === 'linux' && !/Docker Desktop|rootless/.test(engine)
      ? 'shares-loopback'
      : 'behind-gateway';
  } catch {
    return null;
  }
}

/** Made, given its configuration, then started: a mounted file would have to be in a folder that the engine can see. */
export async function startInDocker(place: DockerPlace, surroundings: RegistrySurroundings): Promise<DemoRegistry> {
  const { hook, folder, terminal, cleanup, signal } = surroundings;
  const port = await freePort();
  const config = join(folder, 'registry.yml');
  await writeFile(config, stringify(configuration(place, hook, port)));
  terminal.say(`Starting ${IMAGE} with Docker; the first time it is downloaded.`);
  const name = `tagwarden-demo-${process.pid}`;
  cleanup.add(`the container ${name}`, () => remove(name));
  const wiring =
    place === 'shares-loopback'
      ? ['--network', 'host']
      : ['--publish', `127.0.0.1:${port}:5000`, '--add-host', 'host.docker.internal:host-gateway'];
  const settings = ['--env', 'OTEL_TRACES_EXPORTER=none'];
  await docker(['create', '--name', name, ...wiring, ...settings, IMAGE, CONFIG_IN_CONTAINER], PULL_LIMIT_MS);
  await docker(['cp', config, `${name}:${CONFIG_IN_CONTAINER}`]);
  await docker(['start', name]);
  const host = `127.0.0.1:${port}`;
  const complaint = () => `The container ${name} does not answer at ${host}; "docker logs ${name}" says why.`;
  const isUp = async () => ((await answers(`http://${host}`)) ? true : null);
  await waitUntil(isUp, { complaint, everyMs: 100, limitMs: START_LIMIT_MS, signal });
  return {
    kind: 'distribution',
    url: `http://${host}`,
    host,
    origin: `It is ${IMAGE}, in the Docker container ${name}.`,
  };
}

async function remove(name: string): Promise<void> {
  await docker(['rm', '--force', '--volumes', name]).catch((error: unknown) => {
    // Interrupted before it was made; older clients call that a failure.
    if (!/no such container/i.test(messageOf(error))) throw error;
  });
}

function configuration(place: DockerPlace, hook: Hook, port: number): unknown {
  const sharesLoopback = place === 'shares-loopback';
  return {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: '/var/lib/registry' }, delete: { enabled: true } },
    http: {
      addr: sharesLoopback ? `127.0.0.1:${port}` : ':5000',
      secret: 'one registry alone needs no shared secret',
    },
    notifications: {
      endpoints: [
        {
          name: 'tagwarden',
          url: hookUrl(hook, sharesLoopback ? '127.0.0.1' : 'host.docker.internal'),
          headers: { Authorization: [`Bearer ${hook.token}`] },
          timeout: '1s',
          threshold: 3,
          backoff: '500ms',
          ignore: IGNORED_EVENTS,
        },
      ],
    },
  };
}
