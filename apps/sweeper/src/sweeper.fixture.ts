import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CurrentRules,
  type Log,
  MessageBus,
  type OutgoingMessage,
  type Ruling,
  recordEvents,
  SECOND_LOOK_AFTER_MS,
  type Subscription,
} from '#application';
import { decodeRecorderMessage } from '#contracts';
import {
  compileRule,
  instantOf,
  NO_WAIVERS,
  parseRegistryName,
  type RegistryEvent,
  type RuleDefinition,
  RuleHistory,
  type TimelineEvent,
} from '#domain';
import { createDataSource, migrate, PgListener, PgObservationQueue, PgRecordStore, PgSweepQueries } from '#persistence';
import { createRegistryClients } from '#registries';
import { createTestDatabase, FakeRegistry, type FakeRegistryOptions } from '#testing';
import { assembleSweeper } from './assemble-sweeper.js';

const NAME = parseRegistryName('one');

/** Hands what is published to the recorder at once, while it is up. */
class RecordingBus extends MessageBus {
  readonly events: RegistryEvent[] = [];
  isHeard = true;

  constructor(private readonly record: (event: TimelineEvent) => Promise<unknown>) {
    super();
  }

  override async publish(_topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    for (const { value } of messages) {
      const message = decodeRecorderMessage(value);
      if (message.kind !== 'event') continue;
      this.events.push(message.event as RegistryEvent);
      if (this.isHeard) await this.record(message.event as TimelineEvent);
    }
  }

  override subscribe(): Promise<Subscription> {
    return Promise.reject(new Error('The sweeper consumes nothing.'));
  }

  override async check(): Promise<void> {}
  override async ensureTopics(): Promise<void> {}
  override async close(): Promise<void> {}
}

export type SweeperWorld = Awaited<ReturnType<typeof startSweeperWorld>>;

/** A fake registry that sends no notifications, a record in PostgreSQL, and as many sweepers as a spec starts. */
export async function startSweeperWorld(rules: readonly RuleDefinition[], registryOptions: FakeRegistryOptions = {}) {
  const database = await createTestDatabase({
    template: 'migrated',
    prepare: async (url) => void (await migrate({ url })),
  });
  const dataSource = await createDataSource({ url: database.url, poolSize: 10 }).initialize();
  const said: string[] = [];
  const tell = (message: string) => void said.push(message);
  const log: Log = { debug: tell, info: tell, warn: tell, error: tell };
  const listener = new PgListener({ url: database.url }, log);
  await listener.start();
  const registry = await FakeRegistry.start(registryOptions);
  const clients = createRegistryClients([{ name: NAME, kind: 'distribution', url: registry.url }], {
    retry: { attempts: 1 },
  });
  let ruling = rulingOf(rules);
  const store = new PgRecordStore(dataSource, 0);
  const record = (event: TimelineEvent) =>
    store.transaction('spec', (transaction) =>
      recordEvents(
        transaction,
        { events: [event], refolds: [], rejected: [] },
        { rules: ruling.history, waivers: ruling.waivers, settleMs: 0, now: instantOf(Date.now()) },
      ),
    );
  const bus = new RecordingBus(record);
  const currentRules: CurrentRules = { latest: () => ruling, upToDate: async () => ruling };
  const running: ReturnType<typeof assembleSweeper>[] = [];
  /** What happens between the first look and the second. */
  const waiting = { meanwhile: async () => undefined as unknown };
  const checked = { tags: 0, differences: 0 };
  const queries = new PgSweepQueries(dataSource);

  const startSweeper = async (
    settings: { everyMs?: number; requestsPerSecond?: number; repositories?: string[] } = {},
  ) => {
    const metrics = {
      swept: (_: string, tags: number, differences: number) => {
        checked.tags += tags;
        checked.differences += differences;
      },
      showSweepAges: () => undefined,
    };
    const observations = new PgObservationQueue(dataSource);
    const sweep = { everyMs: 3_600_000, repositories: [], requestsPerSecond: 1_000, concurrency: 4, ...settings };
    const sweeper = assembleSweeper(
      { dataSource, listener, observations, clients, rules: currentRules, bus, log, metrics },
      { list: () => [{ name: NAME, sweep } as never], onChange: () => () => undefined },
      {
        now: Date.now,
        random: () => 0,
        sleep: async (ms, signal) => {
          if (ms === SECOND_LOOK_AFTER_MS) await waiting.meanwhile();
          else await sleep(ms, undefined, { signal });
        },
      },
    );
    running.push(sweeper);
    await sweeper.onApplicationBootstrap();
    return sweeper;
  };
  const standing = async () => {
    const found = (await queries.standings([NAME])).get(NAME);
    if (!found) throw new Error('Nothing is scheduled yet.');
    return found;
  };
  const eventually = async (what: string, isTrue: () => Promise<boolean> | boolean, limitMs = 15_000) => {
    let last: unknown = 'it stayed false';
    for (const deadline = Date.now() + limitMs; Date.now() < deadline; await sleep(20)) {
      const is = await Promise.resolve(isTrue()).catch((error: unknown) => {
        last = error;
        return false;
      });
      if (is) return;
    }
    throw new Error(`In vain: ${what} (${String(last)}). Log: ${said.slice(-8).join(' | ')}`);
  };
  return {
    registry,
    dataSource,
    bus,
    said,
    checked,
    waiting,
    record,
    standing,
    eventually,
    startSweeper,
    setRules: (definitions: readonly RuleDefinition[]) => {
      ruling = rulingOf(definitions);
    },
    /** Waits for the end of a sweep that began after this call. */
    sweptOnce: async () => {
      const before = (await standing().catch(() => null))?.last?.startedAt ?? '';
      await eventually('the sweep has finished', async () => ((await standing()).last?.startedAt ?? '') > before);
      const { last } = await standing();
      if (!last) throw new Error('unreachable');
      return last;
    },
    sql: <Row>(statement: string, values: unknown[] = []): Promise<Row[]> => dataSource.query(statement, values),
    stop: async () => {
      await Promise.all(running.map((sweeper) => sweeper.beforeApplicationShutdown()));
      await registry.stop();
      await clients.close();
      await listener.stop();
      await dataSource.destroy();
      await database.drop();
    },
  };
}

const rulingOf = (definitions: readonly RuleDefinition[]): Ruling => ({
  history: new RuleHistory([{ effectiveFrom: null, rules: definitions.map((definition) => compileRule(definition)) }]),
  waivers: NO_WAIVERS,
});
