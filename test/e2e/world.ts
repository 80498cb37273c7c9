import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { type Distribution, type DistributionOptions, freePort, startDistribution } from '#testing';

const mainOf = (app: string): string => `dist/apps/${app}/src/main.js`;

type Json = Record<string, unknown>;

export const HOOK_TOKEN = 'e2e-hook-token';
export const ADMIN_KEY = 'e2e-admin-key-0123456789';
/** 24 bytes, as Standard Webhooks wants. */
export const ALERT_SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

/** What most stories need; `dev-*` and `free/**` are covered by none. */
export const RULES: readonly Json[] = [
  { name: 'releases', repositories: { matching: ['team/**'] }, tags: { all: true, excluding: ['dev-*'] } },
  { name: 'watched', repositories: { matching: ['watched/**'] }, tags: { all: true }, mode: 'audit' },
];

export type WorldOptions = {
  /** Beside the embedded defaults: `KAFKA_BROKERS`, `DATABASE_URL`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Each app in a process of its own, as in production; needs a database and a bus in `env`. Default: all in one. */
  readonly apart?: boolean;
  /** Default: `startDistribution`. */
  readonly startRegistry?: (options: DistributionOptions) => Promise<Distribution>;
  /** As which kind the registry is configured. Default: distribution. */
  readonly kind?: string;
  /** The registry sends no notifications: only the sweep finds what happens there. */
  readonly isSilent?: boolean;
  /** Default: so seldom that none comes into a story which tells of tags that no registry has. */
  readonly sweepEvery?: string;
  /** Default: the registry has none. */
  readonly canary?: { readonly every: string };
  /** What people are told of as well: how the registry fares. Default: nothing. */
  readonly alsoTold?: readonly string[];
};

/** A registry, Tagwarden beside it, and somebody who gets its alerts: all real, on loopback. */
export class World {
  private children: ChildProcess[] = [];
  readonly alerts: { headers: IncomingHttpHeaders; body: string }[] = [];

  private constructor(
    readonly registry: Distribution,
    /** Where registries send their notifications. */
    readonly url: string,
    /** The API: the same, unless the apps are apart. */
    readonly apiUrl: string,
    private readonly folder: string,
    private readonly receiver: Server,
    private readonly options: WorldOptions,
  ) {}

  static async start(options: WorldOptions = {}): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'tagwarden-e2e-'));
    // The embedded PostgreSQL runs as another user when we are root, and has to pass through.
    await chmod(folder, 0o711);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const notifications = {
      url: `${url}/hooks/local`,
      headers: { Authorization: [`Bearer ${HOOK_TOKEN}`] },
      backoff: '200ms',
      timeout: '2s',
    };
    const startRegistry = options.startRegistry ?? startDistribution;
    const registry = await startRegistry(options.isSilent === true ? {} : { notifications });
    const receiver = createServer();
    const apiUrl = options.apart === true ? `http://127.0.0.1:${await freePort()}` : url;
    const world = new World(registry, url, apiUrl, folder, receiver, options);
    receiver.on('request', (request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        world.alerts.push({ headers: request.headers, body });
        response.end();
      });
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    await world.configure(RULES);
    await world.startService();
    return world;
  }

  async configure(rules: readonly Json[]): Promise<void> {
    const { port } = this.receiver.address() as AddressInfo;
    const configuration = {
      registries: [
        {
          name: 'local',
          kind: this.options.kind ?? 'distribution',
          url: this.registry.url,
          webhook: { tokenEnv: 'HOOK_TOKEN' },
          sweep: { every: this.options.sweepEvery ?? '7d' },
          ...(this.options.canary === undefined ? {} : { canary: this.options.canary }),
        },
      ],
      rules,
      alerts: [
        {
          name: 'ops',
          type: 'webhook',
          url: `http://127.0.0.1:${port}/`,
          secretEnv: 'ALERT_SECRET',
          allowPrivate: true,
          on: ['detected', 'restored', 'failed', 'audited', ...(this.options.alsoTold ?? [])],
        },
      ],
      enforcement: { readBacks: ['20ms', '100ms', '200ms'] },
    };
    await writeFile(join(this.folder, 'tagwarden.yaml'), stringify(configuration));
  }

  /** As users start it; answers when it is ready. */
  async startService(): Promise<void> {
    const log = createWriteStream(join(this.folder, 'log'), { flags: 'a' });
    await once(log, 'open');
    this.children = this.apps().map(([app, port]) =>
      spawn(process.execPath, [mainOf(app)], { stdio: ['ignore', log, log], env: this.environment(port) }),
    );
    log.end();
    for (const url of new Set([this.url, this.apiUrl])) {
      await this.eventually('the service is ready', async () => (await fetch(`${url}/readyz`)).ok, 60_000);
    }
  }

  /** Those that nobody calls take any port. */
  private apps(): (readonly [app: string, port: string])[] {
    const [hooks, api] = [this.url, this.apiUrl].map((url) => new URL(url).port) as [string, string];
    if (this.options.apart !== true) return [['standalone', hooks]];
    const others = ['recorder', 'enforcer', 'sweeper', 'notifier'].map((app) => [app, '0'] as const);
    return [['intake', hooks], ['api', api], ...others];
  }

  /** A start that is expected to end by itself. */
  async runToEnd(): Promise<{ code: number | null; output: string }> {
    const child = spawn(process.execPath, [mainOf('standalone')], { env: this.environment('0') });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  }

  private environment(port: string): NodeJS.ProcessEnv {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    return {
      ...inherited,
      HOOK_TOKEN,
      ALERT_SECRET,
      TAGWARDEN_ADMIN_KEY: ADMIN_KEY,
      TAGWARDEN_PORT: port,
      TAGWARDEN_CONFIG: join(this.folder, 'tagwarden.yaml'),
      TAGWARDEN_DATA_DIR: join(this.folder, 'data'),
      ...this.options.env,
    };
  }

  /** SIGKILL, or SIGTERM and all that it finishes first. */
  async endService(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const running = this.children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const ends = running.map((child) => once(child, 'exit'));
    for (const child of running) child.kill(signal);
    await Promise.all(ends);
    this.children = [];
  }

  async stop(): Promise<void> {
    await this.endService('SIGTERM');
    await this.registry.stop();
    this.receiver.closeAllConnections();
    this.receiver.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  async get<T = Json>(path: string): Promise<T> {
    const response = await fetch(`${this.apiUrl}/api/v1/${path}`, {
      headers: { Authorization: `Bearer ${ADMIN_KEY}` },
    });
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  post(path: string, body: Json = {}): Promise<{ status: number; body: Json }> {
    return this.send('POST', path, body);
  }

  async send(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body: Json = {},
  ): Promise<{ status: number; body: Json }> {
    const response = await fetch(`${this.apiUrl}/api/v1/${path}`, {
      method,
      headers: { Authorization: `Bearer ${ADMIN_KEY}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Json };
  }

  /** A notification of our own making, as a registry sends it. */
  async notify(events: readonly Json[], token = HOOK_TOKEN): Promise<number> {
    return this.notifyRaw(JSON.stringify({ events }), token);
  }

  async notifyRaw(body: string, token = HOOK_TOKEN): Promise<number> {
    const response = await fetch(`${this.url}/hooks/local`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/vnd.docker.distribution.events.v1+json',
      },
      body,
    });
    await response.arrayBuffer();
    return response.status;
  }

  async items<T = Json>(path: string): Promise<T[]> {
    return (await this.get<{ items: T[] }>(path)).items;
  }

  violations(repository: string): Promise<(Json & { id: string; state: string; kind: string })[]> {
    return this.items(`violations?registry=local&repository=${encodeURIComponent(repository)}`);
  }

  async tag(
    repository: string,
    tag: string,
  ): Promise<Json & { digest: string | null; seal: { digest: string; kept: boolean } | null; state: string }> {
    const [found] = await this.items<never>(
      `tags?registry=local&repository=${encodeURIComponent(repository)}&tag=${tag}`,
    );
    if (!found) throw new Error(`Tag ${repository}:${tag} is not recorded.`);
    return found;
  }

  /** The sealed manifest is recorded and in the vault. Without the latter a deletion could not be made good. */
  sealed(repository: string, tag: string, digest: string): Promise<void> {
    return this.eventually(`${repository}:${tag} is sealed`, async () => {
      const found = await this.tag(repository, tag);
      return found.seal?.digest === digest && found.seal.kept;
    });
  }

  /** Waits for something to become true; an error counts as not yet. Ends with what it was, and the service's last words. */
  async eventually(what: string, isTrue: () => Promise<boolean>, limitMs = 20_000): Promise<void> {
    const deadline = Date.now() + limitMs;
    let last: unknown = 'it stayed false';
    while (Date.now() < deadline) {
      try {
        if (await isTrue()) return;
      } catch (error) {
        last = error;
      }
      await sleep(50);
    }
    const log = await readFile(join(this.folder, 'log'), 'utf8').catch(() => '');
    throw new Error(
      `Waited ${limitMs} ms in vain: ${what} (${String(last)}). The service's log ends:\n${log.split('\n').slice(-25).join('\n')}`,
    );
  }
}
