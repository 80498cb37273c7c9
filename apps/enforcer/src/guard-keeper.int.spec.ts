import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import {
  CurrentRules,
  GuardSeal,
  guardTagOf,
  KeepSealedManifest,
  type Log,
  type Ruling,
  recordEvents,
} from '#application';
import type { TagView } from '#contracts';
import {
  compileRule,
  type Digest,
  deriveId,
  instantOf,
  NO_WAIVERS,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  type RuleDefinition,
  RuleHistory,
  type TimelineEvent,
} from '#domain';
import {
  createDataSource,
  migrate,
  PgGuardQueue,
  PgListener,
  PgRecordStore,
  PgTagQueries,
  PgVault,
  queueMissingGuards,
} from '#persistence';
import { type CloseableRegistryClients, createRegistryClients } from '#registries';
import { buildImage, createTestDatabase, FakeRegistry, type TestDatabase } from '#testing';
import { GuardKeeper } from './guard-keeper.js';

const GUARDED: RuleDefinition = { name: 'all', tags: { all: true }, guard: true };
const PLAIN: RuleDefinition = { name: 'all', tags: { all: true } };

/** The rules as the spec has them this moment. */
class SpecRules extends CurrentRules {
  definition = GUARDED;

  override latest(): Ruling {
    const history = new RuleHistory([{ effectiveFrom: null, rules: [compileRule(this.definition)] }]);
    return { history, waivers: NO_WAIVERS };
  }

  override async upToDate(): Promise<Ruling> {
    return this.latest();
  }
}

const registryName = parseRegistryName('local');
const team = parseRepositoryName('team/app');
const repository = parseRepositoryName('tagwarden/guard');
const image = buildImage('original');
const other = buildImage('other');
const tagOf = (content: { digest: string }) => guardTagOf(content.digest as Digest);

describe('The keeper of guards', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let listener: PgListener;
  let clients: CloseableRegistryClients;
  let registry: FakeRegistry;
  let keeper: GuardKeeper;
  let rules: SpecRules;
  const said: string[] = [];
  const tell = (message: string) => void said.push(message);
  const log: Log = { debug: tell, info: tell, warn: tell, error: tell };

  beforeEach(async () => {
    said.length = 0;
    rules = new SpecRules();
    database = await createTestDatabase();
    await migrate({ url: database.url });
    dataSource = await createDataSource({ url: database.url, poolSize: 4, role: 'tagwarden_app' }).initialize();
    listener = new PgListener({ url: database.url }, log);
    await listener.start();
    registry = await FakeRegistry.start();
    clients = createRegistryClients([{ name: registryName, kind: 'distribution', url: registry.url }], {
      retry: { attempts: 1 },
    });
    const options = {
      placeOf: () => ({ repository, copyBytes: 0 }),
      proveEveryMs: 3_600_000,
      now: Date.now,
      random: () => 0,
    };
    const queue = new PgGuardQueue(dataSource);
    const guardSeal = new GuardSeal(queue, new PgVault(dataSource), clients, rules, options, log);
    keeper = new GuardKeeper(queue, guardSeal, listener, () => [registryName], log);
    keeper.onApplicationBootstrap();
  });
  afterEach(async () => {
    await keeper.beforeApplicationShutdown();
    await clients.close();
    await registry.stop();
    await listener.stop();
    await dataSource.destroy();
    await database.drop();
  });

  let told = 0;
  const push = async (tag: string, content: typeof image) => {
    await registry.push(team, tag, content);
    told += 1;
    const at = instantOf(Date.now());
    const event = {
      type: 'pushed',
      id: deriveId(String(told)),
      registry: registryName,
      repository: team,
      tag: parseTagName(tag),
      digest: content.digest as Digest,
      mediaType: content.mediaType,
      actor: null,
      occurredAt: at,
      receivedAt: at,
      source: 'test',
      sourceId: String(told),
      claims: {},
    } as TimelineEvent;
    const { history, waivers } = rules.latest();
    await new PgRecordStore(dataSource).transaction('test', (transaction) =>
      recordEvents(
        transaction,
        { events: [event], refolds: [], rejected: [] },
        { rules: history, waivers, settleMs: 0, now: at },
      ),
    );
  };
  const keepManifests = async () => {
    const vault = new PgVault(dataSource);
    const keep = new KeepSealedManifest(vault, clients, log);
    for (const fetch of await vault.claimFetches([{ registry: registryName, slots: 10 }], 1_000))
      await keep.keep(fetch);
  };
  const restorable = async (tag: string): Promise<NonNullable<TagView['seal']>['restorable'] | undefined> => {
    const query = { registry: registryName, repository: team, tag: parseTagName(tag), limit: 1 };
    const { items } = await new PgTagQueries(dataSource).list(query);
    return items[0]?.seal?.restorable;
  };
  const eventually = async (what: string, isTrue: () => Promise<boolean> | boolean) => {
    for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(20)) if (await isTrue()) return;
    throw new Error(`In vain: ${what}. Log: ${said.slice(-8).join(' | ')}`);
  };
  const comesToBe = (tag: string, state: string) =>
    eventually(`${tag} is ${state}`, async () => (await restorable(tag))?.state === state);
  const listed = async () => (await dataSource.query('SELECT digest FROM guard ORDER BY 1')) as { digest: string }[];
  const dueNow = async () => {
    await dataSource.query('UPDATE guard SET next_at = now()');
    await dataSource.query("SELECT pg_notify('tagwarden_guard', '')");
  };

  test('guards what is sealed as soon as the vault has it, and shows when that was proven', async () => {
    await push('v1', image);
    expect(await restorable('v1')).toEqual({ state: 'pending', provenAt: null, reason: null });
    await keepManifests();
    await comesToBe('v1', 'guarded');
    expect(await restorable('v1')).toEqual({ state: 'guarded', provenAt: expect.any(String), reason: null });
    expect(registry.findTag(repository, tagOf(image))).toBe(image.digest);
    await push('v2', image);
    expect(await listed()).toHaveLength(1);
    expect(await restorable('v2')).toMatchObject({ state: 'guarded' });
  });

  test('asks for no guard where no rule does, and says what a restore needs then', async () => {
    rules.definition = PLAIN;
    await push('v1', image);
    await keepManifests();
    expect(await listed()).toEqual([]);
    expect(await restorable('v1')).toEqual({ state: 'manifest', provenAt: null, reason: null });
  });

  test('shows why something is not guarded, and tries again', async () => {
    await push('v1', image);
    await keepManifests();
    const [config] = image.blobs;
    registry.collectGarbage(team, config!.digest);
    await comesToBe('v1', 'guardFailed');
    expect(await restorable('v1')).toMatchObject({ provenAt: null, reason: expect.stringContaining(config!.digest) });
    registry.addBlob(team, config!.bytes);
    await dueNow();
    await comesToBe('v1', 'guarded');
  });

  test('proves again, and brings anew what is gone meanwhile; a proof that fails shows beside the last that did not', async () => {
    await push('v1', image);
    await keepManifests();
    await comesToBe('v1', 'guarded');
    const first = (await restorable('v1'))?.provenAt ?? '';
    registry.deleteReference(repository, image.digest);
    await dueNow();
    await eventually('it is proven anew', async () => ((await restorable('v1'))?.provenAt ?? '') > first);
    expect(registry.findTag(repository, tagOf(image))).toBe(image.digest);
    registry.down();
    await dueNow();
    await comesToBe('v1', 'guardFailed');
    expect(await restorable('v1')).toMatchObject({
      provenAt: expect.any(String),
      reason: expect.stringContaining('could not be reached'),
    });
  });

  test('forgets what no rule asks for any more, and takes up what was sealed before one did', async () => {
    await push('v1', image);
    await push('v2', other);
    await keepManifests();
    await comesToBe('v1', 'guarded');
    await comesToBe('v2', 'guarded');
    rules.definition = PLAIN;
    await dueNow();
    await eventually('both are forgotten', async () => (await listed()).length === 0);
    expect(registry.findTag(repository, tagOf(image))).toBe(image.digest);
    const missing = () => queueMissingGuards(dataSource, rules.latest().history, instantOf(Date.now()));
    await missing();
    expect(await listed()).toEqual([]);
    rules.definition = { ...GUARDED, tags: { matching: ['v1'] } };
    await missing();
    expect(await listed()).toEqual([{ digest: image.digest }]);
    await comesToBe('v1', 'guarded');
  });

  test('does not forget what is asked for again while it is looked at', async () => {
    await push('v1', image);
    const queue = new PgGuardQueue(dataSource);
    await keeper.beforeApplicationShutdown();
    await dataSource.query('UPDATE guard SET next_at = now()');
    const [due] = await queue.claim([{ registry: registryName, slots: 1 }], 1_000);
    await dataSource.query('DELETE FROM tag');
    await push('v1', image);
    await queue.drop(due!);
    expect(await listed()).toEqual([{ digest: image.digest }]);
  });
});
