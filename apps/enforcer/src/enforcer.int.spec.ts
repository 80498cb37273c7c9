import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { EnforceTag, KeepSealedManifest, type Log, recordEvents } from '#application';
import {
  compileRule,
  type Digest,
  deriveId,
  instantOf,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  type RegistryName,
  RuleHistory,
  type TimelineEvent,
} from '#domain';
import { createDataSource, migrate, PgEnforcementQueue, PgListener, PgRecordStore, PgVault } from '#persistence';
import type { Configuration } from '#platform';
import { type CloseableRegistryClients, createRegistryClients } from '#registries';
import { buildImage, createTestDatabase, FakeRegistry, type TestDatabase, type TestImage } from '#testing';
import { Enforcer } from './enforcer.js';

const RULES = new RuleHistory([{ effectiveFrom: null, rules: [compileRule({ name: 'all', tags: { all: true } })] }]);
const original = buildImage('original');
const other = buildImage('other');

/** The enforcer on two registries, with the record in PostgreSQL and events told by hand. */
describe('The enforcer', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let listener: PgListener;
  let store: PgRecordStore;
  let clients: CloseableRegistryClients;
  let enforcer: Enforcer;
  let newEnforcer: () => Enforcer;
  let one: FakeRegistry;
  let two: FakeRegistry;
  const said: string[] = [];
  const tell = (message: string) => void said.push(message);
  const log: Log = { debug: tell, info: tell, warn: tell, error: tell };

  beforeEach(async () => {
    said.length = 0;
    database = await createTestDatabase();
    await migrate({ url: database.url });
    dataSource = await createDataSource({ url: database.url, poolSize: 8 }).initialize();
    listener = new PgListener({ url: database.url }, log);
    await listener.start();
    store = new PgRecordStore(dataSource);
    [one, two] = await Promise.all([FakeRegistry.start(), FakeRegistry.start()]);
    const names = ['one', 'two'].map(parseRegistryName);
    clients = createRegistryClients(
      [one, two].map(({ url }, index) => ({ name: names[index]!, kind: 'distribution', url })),
      { retry: { attempts: 2, totalMs: 300, firstWaitMs: 5, maxWaitMs: 10 } },
    );
    newEnforcer = () => createEnforcer(names);
    enforcer = newEnforcer();
    enforcer.onApplicationBootstrap();
  });

  const createEnforcer = (names: readonly RegistryName[]) => {
    const queue = new PgEnforcementQueue(dataSource);
    const vault = new PgVault(dataSource);
    const options = {
      freshMs: 10_000,
      breakerRestorations: 3,
      readBackDelaysMs: [5, 20],
      settleMs: 0,
      attemptsBeforeAlert: 2,
    };
    const ambience = { now: Date.now, random: () => 0, sleep: (ms: number) => sleep(ms) };
    const configuration = {
      registries: names.map((name) => ({ name })),
      enforcement: { breaker: { restores: 3, withinMs: 600_000 }, concurrencyPerRegistry: 2 },
    } as unknown as Configuration;
    return new Enforcer(
      queue,
      vault,
      new EnforceTag(queue, vault, clients, options, log, ambience),
      new KeepSealedManifest(vault, clients, log),
      listener,
      configuration,
      log,
    );
  };

  afterEach(async () => {
    await enforcer.beforeApplicationShutdown();
    await Promise.all([one.stop(), two.stop()]);
    await clients.close();
    await listener.stop();
    await dataSource.destroy();
    await database.drop();
  });

  let told = 0;
  const event = (registry: string, tag: string, what: Partial<TimelineEvent>): TimelineEvent => {
    told += 1;
    const at = instantOf(Date.now());
    return {
      id: deriveId(String(told)),
      registry: parseRegistryName(registry),
      repository: parseRepositoryName('team/app'),
      tag: parseTagName(tag),
      actor: 'mallory',
      occurredAt: at,
      receivedAt: at,
      source: 'test',
      sourceId: String(told),
      claims: {},
      mediaType: original.mediaType,
      ...what,
    } as TimelineEvent;
  };
  const record = (...events: TimelineEvent[]) =>
    store.transaction('test', (transaction) =>
      recordEvents(
        transaction,
        { events, refolds: [], rejected: [] },
        { rules: RULES, settleMs: 0, now: instantOf(Date.now()) },
      ),
    );
  const push = async (registry: FakeRegistry, name: string, tag: string, image: TestImage) => {
    await registry.push('team/app', tag, image);
    await record(event(name, tag, { type: 'pushed', digest: image.digest as Digest }));
  };
  const eventually = async (what: string, isTrue: () => Promise<boolean> | boolean) => {
    for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(20)) if (await isTrue()) return;
    throw new Error(
      `In vain: ${what}. Violations: ${JSON.stringify(await violations())}. Log: ${said.slice(-8).join(' | ')}`,
    );
  };
  const violations = (): Promise<{ registry: string; state: string; failure: string | null }[]> =>
    dataSource.query('SELECT registry, state, failure FROM violation ORDER BY detected_at');
  const kept = () =>
    eventually('the vault has it', async () => (await dataSource.query('SELECT FROM manifest')).length > 0);

  test('a registry that is down is tried again, and no other registry waits for it', async () => {
    await push(one, 'one', 'v1', original);
    await push(two, 'two', 'v1', original);
    await kept();
    one.down();
    await one.push('team/app', 'v1', other);
    await record(
      ...Array.from({ length: 6 }, () => event('one', 'v1', { type: 'pushed', digest: other.digest as Digest })),
    );
    await push(two, 'two', 'v1', other);
    await eventually('the other registry is right', () => two.findTag('team/app', 'v1') === original.digest);
    await eventually('people are told of the one that is down', async () => {
      return (await violations()).some(
        ({ registry, state, failure }) => registry === 'one' && state === 'failed' && failure !== null,
      );
    });
    one.up();
    await eventually('it is restored once it is back', async () =>
      (await violations()).every(({ state }) => state === 'restored'),
    );
    expect(one.findTag('team/app', 'v1')).toBe(original.digest);
  }, 60_000);

  test('a fight with another writer trips the breaker, is told once, and is over when a person says so', async () => {
    await push(one, 'one', 'v1', original);
    await kept();
    for (let round = 0; round < 3; round += 1) {
      await push(one, 'one', 'v1', buildImage(`round ${round}`));
      await eventually(
        `round ${round} is restored`,
        async () => (await violations()).filter(({ state }) => state === 'restored').length === round + 1,
      );
      await record(event('one', 'v1', { type: 'pushed', digest: original.digest as Digest }));
    }
    await push(one, 'one', 'v1', other);
    await eventually('the breaker has tripped', async () => (await violations()).at(-1)?.state === 'failed');
    expect((await violations()).at(-1)?.failure).toContain('mallory');
    expect(one.findTag('team/app', 'v1')).toBe(other.digest);
    const changes = (await dataSource.query(
      "SELECT convert_from(value, 'utf8') AS value FROM outbox WHERE topic = 'tagwarden.violations' ORDER BY id",
    )) as { value: string }[];
    expect(changes.filter(({ value }) => value.includes('tagwarden.violation.fight'))).toHaveLength(1);
    await sleep(300);
    expect(one.findTag('team/app', 'v1')).toBe(other.digest);
  }, 60_000);

  test('what cannot be restored says which blobs are missing, and stays open', async () => {
    await push(one, 'one', 'v1', original);
    await kept();
    for (const blob of original.blobs) one.collectGarbage('team/app', blob.digest);
    one.deleteReference('team/app', original.digest);
    await record(event('one', 'v1', { type: 'manifestDeleted', digest: original.digest as Digest }));
    await eventually('it has failed', async () => (await violations())[0]?.state === 'failed');
    const [attempt] = await dataSource.query('SELECT missing_blobs, reason FROM restoration');
    expect(new Set(attempt.missing_blobs)).toEqual(new Set(original.blobs.map(({ digest }) => digest)));
    expect(attempt.reason).toContain('MANIFEST_BLOB_UNKNOWN');
  }, 60_000);

  test('an enforcer that died is taken over when its lease runs out', async () => {
    await push(one, 'one', 'v1', original);
    await kept();
    await enforcer.beforeApplicationShutdown();
    await push(one, 'one', 'v1', other);
    await dataSource.query("UPDATE enforcement SET lease_until = now() + interval '1 second', attempts = 1");
    enforcer = newEnforcer();
    enforcer.onApplicationBootstrap();
    await sleep(300);
    expect(one.findTag('team/app', 'v1')).toBe(other.digest);
    await eventually('it is restored', () => one.findTag('team/app', 'v1') === original.digest);
  }, 60_000);
});
