import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import {
  CurrentRules,
  EnforceTag,
  KeepSealedManifest,
  type Log,
  type Ruling,
  recordEvents,
  restoreViolation,
} from '#application';
import {
  addMs,
  compileRule,
  compileWaiver,
  type Digest,
  deriveId,
  type Instant,
  instantOf,
  NO_WAIVERS,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  type RegistryName,
  type RuleDefinition,
  RuleHistory,
  type TagRef,
  type TimelineEvent,
  WaiverBook,
  type WaiverDefinition,
} from '#domain';
import {
  createDataSource,
  migrate,
  PgEnforcementQueue,
  PgFightBreakers,
  PgListener,
  PgRecordStore,
  PgRevocations,
  PgVault,
  PgViolationHandling,
} from '#persistence';
import { type CloseableRegistryClients, createRegistryClients } from '#registries';
import {
  buildImage,
  buildIndex,
  createTestDatabase,
  FakeRegistry,
  type TestDatabase,
  type TestImage,
  type TestIndex,
} from '#testing';
import { Enforcer } from './enforcer.js';

const ALL: RuleDefinition = { name: 'all', tags: { all: true } };

/** The rules as the spec has them this moment. */
class SpecRules extends CurrentRules {
  private revisions = [{ effectiveFrom: null as Instant | null, rules: [compileRule(ALL)] }];
  private waivers = NO_WAIVERS;

  override latest(): Ruling {
    return { history: new RuleHistory(this.revisions), waivers: this.waivers };
  }

  override async upToDate(): Promise<Ruling> {
    return this.latest();
  }

  change(definition: RuleDefinition): void {
    const effectiveFrom = instantOf(Date.now());
    this.revisions = [...this.revisions, { effectiveFrom, rules: [compileRule(definition)] }];
  }

  waive(definition: WaiverDefinition): void {
    const from = instantOf(Date.now());
    this.waivers = new WaiverBook([
      compileWaiver(definition, { id: deriveId('waiver'), from, until: addMs(from, 60_000) }),
    ]);
  }
}

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
  let rules: SpecRules;
  const said: string[] = [];
  const tell = (message: string) => void said.push(message);
  const log: Log = { debug: tell, info: tell, warn: tell, error: tell };

  beforeEach(async () => {
    said.length = 0;
    rules = new SpecRules();
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
      breakerWindowMs: 600_000,
      readBackDelaysMs: [5, 20],
      settleMs: 0,
      attemptsBeforeAlert: 2,
    };
    const ambience = { now: Date.now, random: () => 0, sleep: (ms: number) => sleep(ms) };
    const limits = { breaker: { restores: 3, withinMs: 600_000 }, concurrencyPerRegistry: 2 };
    const registries = { names: () => names, onChange: () => () => true };
    return new Enforcer(
      queue,
      vault,
      new EnforceTag(queue, vault, clients, rules, options, log, ambience),
      new KeepSealedManifest(vault, clients, log),
      listener,
      limits,
      registries,
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
  const recordAll = (events: TimelineEvent[], refolds: TagRef[]) =>
    store.transaction('test', (transaction) => {
      const { history, waivers } = rules.latest();
      const options = { rules: history, waivers, settleMs: 0, now: instantOf(Date.now()) };
      return recordEvents(transaction, { events, refolds, rejected: [] }, options);
    });
  const record = (...events: TimelineEvent[]) => recordAll(events, []);
  const refold = (registry: string, tag: string) => recordAll([], [event(registry, tag, {}) as unknown as TagRef]);
  const push = async (registry: FakeRegistry, name: string, tag: string, image: TestImage | TestIndex) => {
    await registry.push('team/app', tag, image);
    await record(event(name, tag, { type: 'pushed', digest: image.digest as Digest }));
  };
  const eventually = async (what: string, isTrue: () => Promise<boolean> | boolean) => {
    for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(20)) if (await isTrue()) return;
    throw new Error(
      `In vain: ${what}. Violations: ${JSON.stringify(await violations())}. Log: ${said.slice(-8).join(' | ')}`,
    );
  };
  const violations = (): Promise<{ id: string; registry: string; state: string; failure: string | null }[]> =>
    dataSource.query('SELECT id, registry, state, failure FROM violation ORDER BY detected_at');
  const last = async () => (await violations()).at(-1)!;
  const toldOf = (type: string): Promise<{ actor: string; detail: Record<string, unknown> }[]> =>
    dataSource.query('SELECT actor, detail FROM event WHERE type = $1 ORDER BY occurred_at', [type]);
  const fights = async () => {
    const changes = (await dataSource.query(
      "SELECT convert_from(value, 'utf8') AS value FROM outbox WHERE topic = 'tagwarden.violations' ORDER BY id",
    )) as { value: string }[];
    return changes.filter(({ value }) => value.includes('tagwarden.violation.fight')).length;
  };
  const restoreByHand = async (reason?: string) => {
    const handling = new PgViolationHandling(dataSource, rules);
    await restoreViolation(handling, (await last()).id, 'ada', instantOf(Date.now()), reason);
  };
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

  test('a fight with another writer trips the breaker, is told once, and stands until a person resets it', async () => {
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
    expect(await fights()).toBe(1);
    await sleep(300);
    expect(one.findTag('team/app', 'v1')).toBe(other.digest);
    const breakers = new PgFightBreakers(dataSource);
    const [tripped] = (await breakers.list({ limit: 10 })).items;
    expect(tripped).toMatchObject({ registry: 'one', tag: 'v1', restorations: 3, resetAt: null });

    // More of the same is left alone, and is no second fight.
    const third = buildImage('third');
    await push(one, 'one', 'v1', third);
    await eventually('the next one has failed too', async () => (await last()).state === 'failed');
    expect((await last()).failure).toContain('The fight breaker of this tag has been tripped since');
    expect(await fights()).toBe(1);

    // A person may restore, and resets nothing by it.
    await restoreByHand('the pipeline is off');
    await eventually('it is restored by hand', async () => (await last()).state === 'restored');
    await record(event('one', 'v1', { type: 'pushed', digest: original.digest as Digest }));
    await push(one, 'one', 'v1', other);
    await eventually('it is left alone again', async () => (await last()).state === 'failed');
    expect(await breakers.count()).toBe(1);

    await breakers.reset(tripped!.id, { reason: 'found the cron job', by: 'ada', at: instantOf(Date.now()) });
    await eventually('it is enforced again', async () => (await last()).state === 'restored');
    expect(one.findTag('team/app', 'v1')).toBe(original.digest);
    expect(await breakers.count()).toBe(0);
    expect(await fights()).toBe(1);
    expect(await toldOf('breakerTripped')).toHaveLength(1);
    expect(await toldOf('breakerReset')).toMatchObject([{ actor: 'ada', detail: { reason: 'found the cron job' } }]);
    await expect(
      breakers.reset(tripped!.id, { reason: 'again', by: 'ada', at: instantOf(Date.now()) }),
    ).rejects.toMatchObject({ code: 'BREAKER_UNKNOWN' });
  }, 60_000);

  describe.each<[string, () => void, string]>([
    ['the rule is switched off', () => rules.change({ ...ALL, enabled: false }), 'withdrawn'],
    ["the rule's pattern is changed", () => rules.change({ ...ALL, tags: { matching: ['w*'] } }), 'withdrawn'],
    ['the rule only audits', () => rules.change({ ...ALL, mode: 'audit' }), 'audited'],
    ['a waiver goes live', () => rules.waive({ tags: { all: true } }), 'waived'],
    ['a waiver with one use goes live', () => rules.waive({ tags: { all: true }, uses: 1 }), 'waived'],
  ])('nothing more is written once %s', (_, change, state) => {
    const stoodDown = async (third: TestImage) => {
      await eventually('the attempt was overtaken, or never made', async () => {
        const [row] = await dataSource.query(
          "SELECT convert_from(value, 'utf8') AS value FROM outbox WHERE topic = 'tagwarden.registry-events'",
        );
        return state === 'audited' ? (await last()).state === state : String(row?.value).includes('refold');
      });
      expect(one.findTag('team/app', 'v1')).toBe(third.digest);
      expect((await last()).state).not.toBe('failed');
      await refold('one', 'v1');
      expect((await last()).state).toBe(state);
      await eventually(
        'the enforcer has let go',
        async () => (await dataSource.query('SELECT FROM enforcement')).length === 0,
      );
      expect(one.findTag('team/app', 'v1')).toBe(third.digest);
    };

    test('while a restore runs', async () => {
      await push(one, 'one', 'v1', original);
      await kept();
      const held = one.hold('GET', 'v1');
      await push(one, 'one', 'v1', other);
      await held.arrived;
      const third = buildImage('third');
      await one.push('team/app', 'v1', third);
      change();
      held.release();
      await stoodDown(third);
    }, 60_000);

    test('before one begins', async () => {
      await push(one, 'one', 'v1', original);
      await kept();
      await enforcer.beforeApplicationShutdown();
      await push(one, 'one', 'v1', other);
      change();
      enforcer = newEnforcer();
      enforcer.onApplicationBootstrap();
      await stoodDown(other);
    }, 60_000);
  });

  test('what was only audited in the end can be restored by hand', async () => {
    await push(one, 'one', 'v1', original);
    await kept();
    rules.change({ ...ALL, mode: 'audit' });
    await push(one, 'one', 'v1', other);
    await sleep(200);
    expect(await last()).toMatchObject({ state: 'audited' });
    expect(one.findTag('team/app', 'v1')).toBe(other.digest);
    await restoreByHand('it was an attack');
    await eventually('it is restored', async () => (await last()).state === 'restored');
    expect(one.findTag('team/app', 'v1')).toBe(original.digest);
    expect(await toldOf('restoreRequested')).toMatchObject([{ actor: 'ada', detail: { reason: 'it was an attack' } }]);
  }, 60_000);

  test.each<[string, TestImage | TestIndex, (content: never) => string]>([
    ['the digest itself', original, (image: TestImage) => image.digest],
    ['a child of the sealed index', buildIndex('index'), (index: TestIndex) => index.images[0]!.digest],
  ])(
    'what is revoked is never put back: %s',
    async (_, content, pick) => {
      await push(one, 'one', 'v1', content);
      const wanted = 'images' in content ? content.images.length + 1 : 1;
      await eventually(
        'the vault has it',
        async () => (await dataSource.query('SELECT FROM manifest')).length >= wanted,
      );
      const revocations = new PgRevocations(dataSource);
      const deed = { digest: pick(content as never) as Digest, reason: 'It holds a miner.', by: 'ada' };
      await revocations.revoke({ ...deed, at: instantOf(Date.now()) });
      await push(one, 'one', 'v1', other);
      await eventually('it has failed', async () => (await last()).state === 'failed');
      expect((await last()).failure).toMatch(
        /revoked by ada at .* \(It holds a miner\)\. It is not put back\. Push a good image/,
      );
      expect(one.findTag('team/app', 'v1')).toBe(other.digest);
      await expect(restoreByHand()).rejects.toMatchObject({ code: 'DIGEST_REVOKED' });
      await revocations.reinstate({ ...deed, reason: 'a false alarm', at: instantOf(Date.now()) });
      await eventually('it is restored', async () => (await last()).state === 'restored');
      expect(one.findTag('team/app', 'v1')).toBe(content.digest);
      expect(await toldOf('digestRevoked')).toMatchObject([{ actor: 'ada', detail: { reason: 'It holds a miner.' } }]);
      expect(await toldOf('digestReinstated')).toMatchObject([{ detail: { reason: 'a false alarm' } }]);
    },
    60_000,
  );

  test('a digest that is revoked while its restore runs is not written again', async () => {
    await push(one, 'one', 'v1', original);
    await kept();
    const held = one.hold('GET', 'v1');
    await push(one, 'one', 'v1', other);
    await held.arrived;
    await one.push('team/app', 'v1', other);
    const digest = original.digest as Digest;
    await new PgRevocations(dataSource).revoke({ digest, reason: 'bad', by: 'ada', at: instantOf(Date.now()) });
    held.release();
    await eventually('it has failed', async () => (await last()).state === 'failed');
    expect((await last()).failure).toContain('revoked by ada');
    expect(one.findTag('team/app', 'v1')).toBe(other.digest);
  }, 60_000);

  test('a registry that holds the tag immutable itself is not asked again and again', async () => {
    await push(one, 'one', 'v1', original);
    await kept();
    await one.push('team/app', 'v1', other);
    one.refuseOverwrites({ status: 412, code: 'PRECONDITION', message: 'the tag v1 is immutable' });
    await record(event('one', 'v1', { type: 'pushed', digest: other.digest as Digest }));
    await eventually('it has failed', async () => (await last()).state === 'failed');
    expect((await last()).failure).toContain('unlock it there, then restore by hand');
    expect(await dataSource.query('SELECT FROM enforcement')).toEqual([]);
    one.refuseOverwrites(null);
    await restoreByHand();
    await eventually('it is restored', async () => (await last()).state === 'restored');
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
