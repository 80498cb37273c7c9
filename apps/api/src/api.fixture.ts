import { Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import {
  CurrentRules,
  Log,
  MessageBus,
  NotificationSources,
  type OutgoingMessage,
  type Recordable,
  type RegistryClient,
  RegistryClients,
  RegistryError,
  RegistryKeeping,
  recordEvents,
  type Subscription,
  type TransactionalQuery,
  type Understood,
} from '#application';
import { decodeRecorderMessage } from '#contracts';
import {
  type Digest,
  deriveId,
  digestOfBytes,
  fileRuleIdentity,
  instantOf,
  parseInstant,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  type RegistryEvent,
} from '#domain';
import {
  APP_ROLE,
  createDataSource,
  deriveSecretKey,
  migrate,
  PgListener,
  PgRecordStore,
  PgRegistryKeeping,
  PgRules,
} from '#persistence';
import { CONFIGURATION, CurrentRegistries, configureHttp, HttpModule, loadOneRegistry, Secret } from '#platform';
import { KNOWN_KINDS } from '#registries';
import { createTestDatabase } from '#testing';
import { ApiModule } from './api.module.js';

export const KEY = 'a key of the specs';
/** A rule of the file, in force since ever. */
const RELEASES = { name: 'releases', tags: { matching: ['v*'] } };

export const digestOf = (name: string): Digest => digestOfBytes(Buffer.from(name));

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Keeps what is published; hands it to the recorder where a spec says so. */
export class FakeBus extends MessageBus {
  readonly published: OutgoingMessage[] = [];
  deliver: (message: OutgoingMessage) => Promise<void> = async () => undefined;
  failure: Error | null = null;

  override async publish(_topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.failure) throw this.failure;
    this.published.push(...messages);
    for (const message of messages) await this.deliver(message);
  }

  override async check(): Promise<void> {
    if (this.failure) throw this.failure;
  }

  override subscribe(): Promise<Subscription> {
    return Promise.reject(new Error('The API consumes nothing.'));
  }

  override async ensureTopics(): Promise<void> {}
  override async close(): Promise<void> {}
}

/** Understands nothing, until a spec says what. */
export class FakeSources extends NotificationSources {
  understood: Understood = {
    events: [],
    hints: [],
    handshake: null,
    ignored: 0,
    ignoredPulls: 0,
    rejected: [{ reason: 'It is no JSON.', payload: '' }],
  };

  override find(registry: string) {
    return {
      registry: parseRegistryName(registry),
      provesBody: false,
      isKnownSender: async () => true,
      understand: () => this.understood,
    };
  }
}

/** Reaches no registry, until a spec says which. */
export class FakeClients extends RegistryClients {
  readonly known = new Map<string, RegistryClient>();

  override get(registry: string): RegistryClient {
    const client = this.known.get(registry);
    if (client) return client;
    throw new RegistryError('REGISTRY_UNREACHABLE', `Registry "${registry}" is none of this spec's.`);
  }
}

export type Api = Awaited<ReturnType<typeof startApi>>;

/** The API over a database of its own, on a free port. */
export async function startApi() {
  const database = await createTestDatabase({
    template: 'migrated',
    prepare: async (url) => void (await migrate({ url })),
  });
  // The service acts with fewer rights than the specs' own statements do.
  const dataSource = await createDataSource({ url: database.url, poolSize: 5, role: APP_ROLE }).initialize();
  const owner = await createDataSource({ url: database.url, poolSize: 2 }).initialize();
  await owner.query('INSERT INTO rule_revision (rules, author, created_at) VALUES ($1, $2, now())', [
    JSON.stringify([{ ...fileRuleIdentity(RELEASES.name), definition: RELEASES }]),
    'the spec',
  ]);
  const rules = new PgRules(dataSource, silent);
  await rules.upToDate();
  const listener = new PgListener({ url: database.url }, silent);
  const bus = new FakeBus();
  const sources = new FakeSources();
  const clients = new FakeClients();
  const keyring = { key: deriveSecretKey(KEY), find: async () => keyring.key, get: async () => keyring.key };
  const keeping = new PgRegistryKeeping(dataSource, keyring);
  const ofFile = loadOneRegistry(
    { name: 'local', kind: 'zot', url: 'http://zot', webhook: { token: KEY } },
    KNOWN_KINDS,
  );
  const registries = new CurrentRegistries([ofFile], KNOWN_KINDS, keeping, silent);
  const globals = [
    { provide: DataSource, useValue: dataSource },
    { provide: PgListener, useValue: listener },
    { provide: MessageBus, useValue: bus },
    { provide: Log, useValue: silent },
    { provide: CurrentRules, useValue: rules },
    { provide: NotificationSources, useValue: sources },
    { provide: RegistryClients, useValue: clients },
    { provide: CurrentRegistries, useValue: registries },
    { provide: RegistryKeeping, useValue: keeping },
    {
      provide: CONFIGURATION,
      useValue: {
        publicUrl: null,
        waivers: { alwaysNeedsApproval: false },
        settleMs: 0,
      },
    },
  ];
  @Module({})
  class Globals {}
  const http = HttpModule.of({ configuration: { adminKey: new Secret(KEY) }, database: { dataSource, listener } });
  const testing = await Test.createTestingModule({
    imports: [
      { module: Globals, global: true, providers: globals, exports: globals.map(({ provide }) => provide) },
      http,
      ApiModule,
    ],
  }).compile();
  const app = testing.createNestApplication<NestExpressApplication>({ bodyParser: false, logger: false });
  configureHttp(app, silent);
  await app.listen(0, '127.0.0.1');
  await listener.start();
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');

  const request = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { Authorization: `Bearer ${KEY}`, ...init.headers } });
  const recordingOptions = async (query?: TransactionalQuery) => {
    const { history, waivers } = await rules.upToDate(query);
    return { rules: history, waivers, settleMs: 0, now: instantOf(Date.now()) };
  };
  const record = async (recordable: Partial<Recordable>) =>
    new PgRecordStore(dataSource).transaction('spec', async (transaction) =>
      recordEvents(
        transaction,
        { events: [], refolds: [], rejected: [], ...recordable },
        await recordingOptions(transaction.query),
      ),
    );

  return {
    app,
    url,
    dataSource,
    listener,
    /** As the database's owner. */
    sql: (statement: string, values?: unknown[]) => owner.query(statement, values),
    bus,
    sources,
    clients,
    registries,
    keyring,
    request,
    /** The answer's JSON, as what the spec expects it to be. */
    get: async <T = unknown>(path: string): Promise<T> => (await request(path)).json() as Promise<T>,
    post: (path: string, body?: unknown) =>
      request(path, {
        method: 'POST',
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      }),
    record,
    /** What the recorder app does with the bus's messages. */
    recordPublished: async ({ value }: OutgoingMessage) => {
      const message = decodeRecorderMessage(value);
      if (message.kind === 'event') await record({ events: [message.event] });
    },
    stop: async () => {
      await app.close();
      await listener.stop();
      await dataSource.destroy();
      await owner.destroy();
      await database.drop();
    },
  };
}

/** An event of the repository local/team/app. Times are seconds after 09:00 on a day in the past. */
export function eventOf(
  type: RegistryEvent['type'],
  seconds: number,
  fields: { tag?: string; repository?: string; digest?: Digest | null; actor?: string; userAgent?: string } = {},
): RegistryEvent {
  const sourceId = JSON.stringify([type, seconds, fields]);
  const occurredAt = parseInstant(new Date(Date.UTC(2026, 7, 20, 9, 0, seconds)).toISOString());
  return {
    type,
    id: deriveId('event', sourceId),
    registry: parseRegistryName('local'),
    repository: parseRepositoryName(fields.repository ?? 'team/app'),
    ...(fields.tag === undefined ? {} : { tag: parseTagName(fields.tag) }),
    ...(fields.digest === undefined ? {} : { digest: fields.digest, mediaType: IMAGE }),
    actor: fields.actor ?? 'ci',
    occurredAt,
    receivedAt: occurredAt,
    source: 'zot',
    sourceId,
    claims: fields.userAgent === undefined ? {} : { userAgent: fields.userAgent, address: '10.0.0.9' },
  } as unknown as RegistryEvent;
}

const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
