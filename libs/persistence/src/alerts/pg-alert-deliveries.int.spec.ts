import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import {
  type Alert,
  type AlertChange,
  AlertChannel,
  AlertDeliveryError,
  DeliverAlerts,
  type PlannedDelivery,
  planServiceAlerts,
  RETRY_POLICY,
  resolvesAlert,
} from '#application';
import type { ViolationChange } from '#contracts';
import { addMs, deriveId, type IncidentId, type Instant, instantOf, parseRegistryName, type Violation } from '#domain';
import { createTestDatabase, type TestDatabase } from '#testing';
import { createDataSource } from '../data-source.js';
import { AlertAttemptEntity } from './alert-attempt.entity.js';
import { AlertDeliveryEntity } from './alert-delivery.entity.js';
import { PgAlertDeliveries } from './pg-alert-deliveries.js';
import {
  ALERTS_BY_INCIDENT_DOWN,
  ALERTS_BY_INCIDENT_UP,
  ALERTS_DOWN,
  ALERTS_OF_REGISTRIES_DOWN,
  ALERTS_OF_REGISTRIES_UP,
  ALERTS_UP,
} from './schema.js';

const T0 = instantOf(1_800_000_000_000);
const MINUTE = 60_000;
const SILENT = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };

let database: TestDatabase;
let dataSource: DataSource;
let deliveries: PgAlertDeliveries;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'alerts', prepare: createTables });
  dataSource = await createDataSource({ url: database.url, poolSize: 8 }).initialize();
  deliveries = new PgAlertDeliveries(dataSource);
}, 60_000);
afterEach(() => dataSource.query('TRUNCATE alert_delivery CASCADE'));
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

async function createTables(url: string): Promise<void> {
  const owner = await new DataSource({ type: 'postgres', url }).initialize();
  for (const statement of [...ALERTS_UP, ...ALERTS_BY_INCIDENT_UP, ...ALERTS_OF_REGISTRIES_UP])
    await owner.query(statement);
  await owner.destroy();
}

type Plan = { violation: string; channel: string; followUp: boolean; incident: string; page: number; after: number[] };

function planned(change: ViolationChange, more: Partial<Plan> = {}) {
  const { violation: id = 'v1', channel = 'ops', followUp = false, incident: key, page = 0, after = [] } = more;
  const violation = { id, registry: 'local', repository: 'acme/app', tag: 'v1.0' } as Violation;
  const messageId = deriveId(channel, id, change);
  const incident =
    key === undefined ? null : { id: key as IncidentId, members: 2, since: T0, isMixed: false, page, earlier: [] };
  const dedupKey = key ?? id;
  const alert: Alert = { dedupKey, messageId, change, resolves: resolvesAlert(change), violation, incident, at: T0 };
  return { channel, alert, followUp, after } satisfies PlannedDelivery;
}
const claim = (now: Instant = T0, limit = 10, channel = 'ops') =>
  deliveries.claim({ channel, limit, now, leaseUntil: addMs(now, MINUTE) });
const changes = (claimed: readonly { alert: Alert }[]) => claimed.map(({ alert }) => alert.change);
const DELIVERED = { type: 'delivered', at: T0, durationMs: 5, status: 200 } as const;
const FAILED = { type: 'failed', at: T0, durationMs: 5, status: 410, error: 'gone' } as const;

describe('the tables', () => {
  it('are what the entities describe, and go away again', async () => {
    const own = await createTestDatabase({ template: 'alerts', prepare: createTables });
    const entities = [AlertDeliveryEntity, AlertAttemptEntity];
    const source = await new DataSource({ type: 'postgres', url: own.url, entities }).initialize();
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
    for (const statement of [...ALERTS_OF_REGISTRIES_DOWN, ...ALERTS_BY_INCIDENT_DOWN, ...ALERTS_DOWN])
      await source.query(statement);
    await source.destroy();
    await own.drop();
  });
});

describe('enqueue', () => {
  it('keeps an alert once for a channel, however often it comes', async () => {
    await deliveries.enqueue([planned('detected'), planned('detected')], T0);
    await deliveries.enqueue([planned('detected'), planned('detected', { channel: 'siem' })], addMs(T0, MINUTE));
    expect(await claim()).toEqual([
      { id: expect.any(String), channel: 'ops', attempt: 1, alert: planned('detected').alert },
    ]);
    expect(await claim(addMs(T0, MINUTE), 10, 'siem')).toHaveLength(1);
  });

  it('keeps a follow-up only where the violation was told of before', async () => {
    await deliveries.enqueue(
      [
        planned('detected'),
        planned('selfHealed', { followUp: true }),
        planned('selfHealed', { followUp: true, channel: 'siem' }),
        planned('selfHealed', { followUp: true, violation: 'v2' }),
      ],
      T0,
    );
    const log = await deliveries.list({ channel: 'ops', limit: 10 });
    expect(log.items.map(({ violationId, change }) => [violationId, change])).toEqual([
      ['v1', 'selfHealed'],
      ['v1', 'detected'],
    ]);
    expect((await deliveries.list({ channel: 'siem', limit: 10 })).items).toEqual([]);
  });

  it("commits with the bus's position, or not at all, and may be tried again", async () => {
    const overtaken = deliveries.enqueue([planned('detected')], T0, async (query) => {
      await query('SELECT $1::int', [1]);
      throw new Error('another consumer has the partition');
    });
    await expect(overtaken).rejects.toMatchObject({ code: 'ALERTS_NOT_STORED', retriable: true });
    expect(await claim()).toEqual([]);
  });

  it('says for good that an alert can not be kept', async () => {
    const { alert } = planned('detected');
    const broken = { channel: 'ops', followUp: false, after: [], alert: { ...alert, dedupKey: 'a\0b' } };
    await expect(deliveries.enqueue([broken], T0)).rejects.toMatchObject({ retriable: false });
  });
});

describe('claim', () => {
  it('tells of one violation in order, and of others meanwhile', async () => {
    await deliveries.enqueue([planned('detected'), planned('restored'), planned('failed', { violation: 'v2' })], T0);
    const first = await claim();
    expect(changes(first)).toEqual(['detected', 'failed']);
    expect(await claim()).toEqual([]);
    await deliveries.record(first[0]!, DELIVERED);
    expect(changes(await claim())).toEqual(['restored']);
  });

  it('tells of one incident in order, whichever violation it tells of and whichever comes first', async () => {
    const incident = 'i1';
    const restored = planned('restored', { incident, violation: 'v2', page: 2, after: [1] });
    await deliveries.enqueue([restored], T0);
    expect(await claim()).toEqual([]);
    await deliveries.enqueue([planned('detected', { incident, violation: 'v1', page: 1 })], T0);
    const [first, ...others] = await claim();
    expect([first?.alert.change, others]).toEqual(['detected', []]);
    await deliveries.record(first!, DELIVERED);
    expect(changes(await claim())).toEqual(['restored']);
  });

  it('does not wait for ever for one that does not come', async () => {
    await deliveries.enqueue([planned('restored', { incident: 'i1', page: 2, after: [1] })], T0);
    expect(await claim(addMs(T0, 10 * MINUTE - 1))).toEqual([]);
    expect(changes(await claim(addMs(T0, 10 * MINUTE)))).toEqual(['restored']);
  });

  it('closes, as a follow-up, what was raised for another violation of the incident', async () => {
    const incident = 'i1';
    await deliveries.enqueue([planned('failed', { incident, violation: 'v1', page: 1 })], T0);
    await deliveries.enqueue([planned('accepted', { incident, violation: 'v2', page: 2, followUp: true })], T0);
    expect((await deliveries.list({ channel: 'ops', limit: 10 })).items.map(({ change }) => change)).toEqual([
      'accepted',
      'failed',
    ]);
  });

  it('goes on when the one before has finally failed', async () => {
    await deliveries.enqueue([planned('detected'), planned('restored')], T0);
    const [detected] = await claim();
    await deliveries.record(detected!, FAILED);
    expect(changes(await claim())).toEqual(['restored']);
  });

  it('holds later ones back while the one before waits for its retry', async () => {
    await deliveries.enqueue([planned('detected'), planned('restored')], T0);
    const [detected] = await claim();
    const nextAttemptAt = addMs(T0, 10 * MINUTE);
    await deliveries.record(detected!, {
      type: 'retry',
      at: T0,
      durationMs: 5,
      status: 503,
      error: 'busy',
      nextAttemptAt,
    });
    expect(await claim(addMs(T0, 9 * MINUTE))).toEqual([]);
    expect(await claim(nextAttemptAt)).toMatchObject([{ attempt: 2, alert: { change: 'detected' } }]);
  });

  it('takes over when a lease ends, and lets no outcome of the lost attempt spoil the new one', async () => {
    await deliveries.enqueue([planned('detected')], T0);
    const [lost] = await claim();
    expect(await claim(addMs(T0, MINUTE - 1))).toEqual([]);
    const [taken] = await claim(addMs(T0, MINUTE));
    expect(taken).toMatchObject({ id: lost!.id, attempt: 2 });
    await deliveries.record(lost!, FAILED);
    await deliveries.record(taken!, DELIVERED);
    const { items } = await deliveries.list({ channel: 'ops', limit: 1 });
    expect(items[0]).toMatchObject({ state: 'delivered', attempts: [{ status: 410 }, { status: 200 }] });
  });

  it('gives every alert to one notifier when many claim at once', async () => {
    await deliveries.enqueue(
      Array.from({ length: 60 }, (_, i) => planned('detected', { violation: `v${i}` })),
      T0,
    );
    const rounds = await Promise.all(Array.from({ length: 12 }, () => claim(T0, 5)));
    const ids = rounds.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const rest = await claim(T0, 60);
    expect(ids.length + rest.length).toBe(60);
  });
});

describe('alerts of a registry', () => {
  class Named extends AlertChannel {
    readonly name = 'ops';
    async send() {
      return { status: 200 };
    }
  }
  const of = (type: 'registryDeaf' | 'registryHeard', seconds: number) => {
    const registry = parseRegistryName('local');
    const notice = { type, registry, sentence: 'A sentence.', at: addMs(T0, seconds * 1_000) };
    return planServiceAlerts(notice, [{ channel: new Named(), on: new Set(['registryDeaf'] as const) }]);
  };

  it('are kept as they are, one after the other, and have no violation', async () => {
    await deliveries.enqueue([...of('registryDeaf', 0), ...of('registryHeard', 1)], T0);
    const first = await claim();
    expect(first.map(({ alert }) => alert)).toEqual([
      expect.objectContaining({ change: 'registryDeaf', registry: 'local', sentence: 'A sentence.', resolves: false }),
    ]);
    await deliveries.record(first[0]!, DELIVERED);
    expect(changes(await claim())).toEqual(['registryHeard']);
    const { items } = await deliveries.list({ channel: 'ops', limit: 5 });
    expect(items.map(({ change, violationId }) => [change, violationId])).toEqual([
      ['registryHeard', null],
      ['registryDeaf', null],
    ]);
  });

  it('are not closed where none was raised', async () => {
    await deliveries.enqueue(of('registryHeard', 0), T0);
    expect(await claim()).toEqual([]);
  });
});

describe('list', () => {
  it('pages from the newest to the oldest, each with its attempts', async () => {
    const all = Array.from({ length: 5 }, (_, i) => planned('detected', { violation: `v${i}` }));
    await deliveries.enqueue(all, T0);
    const [first] = await claim(T0, 1);
    await deliveries.record(first!, DELIVERED);
    const seen: (string | null)[] = [];
    let cursor: string | undefined;
    do {
      const page = await deliveries.list({ channel: 'ops', limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map(({ violationId }) => violationId));
      cursor = page.nextCursor ?? undefined;
      if (!cursor) {
        expect(page.items[0]).toMatchObject({
          state: 'delivered',
          createdAt: T0,
          nextAttemptAt: null,
          deliveredAt: addMs(T0, 5),
          attempts: [{ attempt: 1, at: T0, durationMs: 5, status: 200, error: null }],
        });
      }
    } while (cursor);
    expect(seen).toEqual(['v4', 'v3', 'v2', 'v1', 'v0']);
  });

  it('refuses a cursor that it has not given out', async () => {
    await expect(deliveries.list({ channel: 'ops', limit: 2, cursor: "1' OR" })).rejects.toMatchObject({
      code: 'MALFORMED_CURSOR',
    });
  });
});

describe('with the worker and a clock of ours', () => {
  class FlakyChannel extends AlertChannel {
    readonly name = 'ops';
    readonly sent: AlertChange[] = [];
    broken = true;
    async send({ change }: Alert) {
      if (this.broken)
        throw new AlertDeliveryError('https://ops.example answered 503.', { retriable: true, status: 503 });
      this.sent.push(change);
      return { status: 200 };
    }
  }
  const setUp = async () => {
    await deliveries.enqueue([planned('detected'), planned('restored')], T0);
    const clock = { now: T0 };
    const worker = new DeliverAlerts(
      deliveries,
      SILENT,
      () => clock.now,
      () => 1,
    );
    return { clock, worker, channel: new FlakyChannel() };
  };

  it('delivers in order when the receiver is back', async () => {
    const { clock, worker, channel } = await setUp();
    await worker.deliverDue(channel);
    clock.now = addMs(T0, 4_999);
    channel.broken = false;
    expect(await worker.deliverDue(channel)).toBe(0);
    clock.now = addMs(T0, 5_000);
    await worker.deliverDue(channel);
    await worker.deliverDue(channel);
    expect(channel.sent).toEqual(['detected', 'restored']);
    expect(await worker.deliverDue(channel)).toBe(0);
  });

  it('gives an alert up after about a day, keeps every attempt in the log, and goes on with the next', async () => {
    const { clock, worker, channel } = await setUp();
    for (let i = 0; i < RETRY_POLICY.maxAttempts; i++) {
      expect(await worker.deliverDue(channel)).toBe(1);
      clock.now = addMs(clock.now, RETRY_POLICY.maxDelayMs);
    }
    channel.broken = false;
    await worker.deliverDue(channel);
    expect(channel.sent).toEqual(['restored']);
    const { items } = await deliveries.list({ channel: 'ops', limit: 2 });
    expect(items.map(({ state, attempts }) => [state, attempts.length])).toEqual([
      ['delivered', 1],
      ['failed', RETRY_POLICY.maxAttempts],
    ]);
  });
});
