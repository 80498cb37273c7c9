import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { BatchHandler, BusRecord, MessageBus, Subscription } from '#application';
import { DEAD_LETTER_HEADERS } from './dead-letter.js';

/** The backend of a bus under test. */
export type BusBackend = {
  /** A bus as another process would have it. The contract closes it. */
  createBus(options: { deadLetterTopic: string }): MessageBus;
  takeAway(): Promise<void>;
  bringBack(): Promise<void>;
  stop(): Promise<void>;
};

const PATIENCE_MS = 60_000;
const PARTITIONS = 4;

/** What every adapter of the bus promises; each runs it on its real backend. */
export function describeBusContract(name: string, start: () => Promise<BusBackend>): void {
  describe(`the contract of the bus: ${name}`, () => {
    let backend: BusBackend;
    let bus: MessageBus;
    let topic: string;
    let deadLetterTopic: string;
    const buses: MessageBus[] = [];

    const newBus = () => {
      const created = backend.createBus({ deadLetterTopic });
      buses.push(created);
      return created;
    };
    const consume = (on: MessageBus, group: string, handler: BatchHandler, batchSize = 100): Promise<Subscription> =>
      on.subscribe({ topic, group, batchSize, from: 'earliest' }, handler);

    beforeAll(async () => {
      backend = await start();
    }, 180_000);
    afterAll(() => backend?.stop());
    beforeEach(async () => {
      topic = `t-${randomBytes(4).toString('hex')}`;
      deadLetterTopic = `${topic}-dead`;
      bus = newBus();
      await bus.ensureTopics([
        { name: topic, partitions: PARTITIONS, retentionMs: 3_600_000 },
        { name: deadLetterTopic, partitions: 1, retentionMs: 3_600_000 },
      ]);
    });
    afterEach(async () => {
      await Promise.all(buses.splice(0).map((each) => each.close()));
    }, 60_000);

    test('keeps the order of a key with concurrent publishers, and creating a topic twice harms nothing', async () => {
      await bus.ensureTopics([{ name: topic, partitions: PARTITIONS, retentionMs: 3_600_000 }]);
      const publishers = [bus, newBus(), newBus()];
      const seen = collect();
      await consume(bus, 'g', seen.handler);
      await Promise.all(
        publishers.map(async (publisher, who) => {
          for (let round = 0; round < 20; round += 1) {
            const burst = ['a', 'b', 'c', 'd', 'e'].map((key) =>
              publisher.publish(topic, [text(key, `${who}:${round}`)]),
            );
            await Promise.all(burst);
          }
        }),
      );
      await until(() => seen.records.length >= 300);
      for (const key of ['a', 'b', 'c', 'd', 'e']) {
        for (const who of ['0', '1', '2']) {
          const rounds = seen.texts(key).filter((value) => value.startsWith(`${who}:`));
          expect(rounds).toEqual(Array.from({ length: 20 }, (_, round) => `${who}:${round}`));
        }
      }
    });

    test('gives each group every record as it was published', async () => {
      const groups = [collect(), collect()];
      await consume(bus, 'g1', groups[0]!.handler);
      await consume(newBus(), 'g2', groups[1]!.handler);
      const value = Buffer.from([0, 1, 255, 39, 92]);
      await bus.publish(topic, [{ key: 'käse', value, headers: { type: 'push', quoted: `"\\'{}` } }, text('b', '2')]);
      for (const seen of groups) {
        await until(() => seen.records.length >= 2);
        const record = seen.records.find(({ key }) => key === 'käse');
        expect(record).toMatchObject({ key: 'käse', headers: { type: 'push', quoted: `"\\'{}` } });
        expect(record?.value.equals(value)).toBe(true);
        expect(seen.records).toHaveLength(2);
      }
    });

    test('never hands over more than a batch, and goes on from the last position after a stop in mid-batch', async () => {
      await bus.publish(topic, numbered(25));
      const sizes: number[] = [];
      const done: BusRecord[] = [];
      const second = gate();
      const first = await consume(
        bus,
        'g',
        async ({ records }) => {
          sizes.push(records.length);
          if (done.length >= 10) {
            second.reached();
            await second.opened;
            throw later();
          }
          done.push(...records);
        },
        10,
      );
      await second.wasReached;
      const stopped = first.stop();
      second.open();
      await stopped;
      expect(done.map(asText)).toEqual(range(0, 10));

      const rest = collect();
      await consume(newBus(), 'g', rest.handler, 10);
      await until(() => rest.records.length >= 15);
      expect(rest.records.map(asText)).toEqual(range(10, 25));
      expect(Math.max(...sizes, ...rest.sizes)).toBeLessThanOrEqual(10);
    });

    test('tries again what is retriable, and holds up that partition only', async () => {
      const seen = collect();
      let blocked = true;
      let attempts = 0;
      await consume(bus, 'g', async (batch) => {
        if (blocked && batch.records.some(({ key }) => key === 'stuck')) {
          attempts += 1;
          throw later();
        }
        await seen.handler(batch);
      });
      await bus.publish(topic, [text('stuck', '0'), text('stuck', '1')]);
      await until(() => attempts >= 2);
      const others = Array.from({ length: 20 }, (_, index) => text(`key-${index}`, 'x'));
      await bus.publish(topic, others);
      // Some keys share the partition of the stuck one; of four partitions, most do not.
      await until(() => new Set(seen.partitions).size === PARTITIONS - 1);
      expect(seen.texts('stuck')).toEqual([]);
      blocked = false;
      await until(() => seen.records.length >= 22);
      expect(seen.texts('stuck')).toEqual(['0', '1']);
      expect(seen.records).toHaveLength(22);
    });

    test('dead-letters a bad record alone, with its reason, and handles those around it once and in order', async () => {
      await bus.publish(topic, numbered(50));
      const handled: BusRecord[] = [];
      await consume(bus, 'g', async ({ records }) => {
        const bad = records.find((record) => ['7', '33'].includes(asText(record)));
        if (bad) throw new Error(`no digest in ${asText(bad)}`);
        handled.push(...records);
      });
      const dead = collect();
      await bus.subscribe({ topic: deadLetterTopic, group: 'dead', batchSize: 10, from: 'earliest' }, dead.handler);
      await until(() => dead.records.length >= 2 && handled.length >= 48);
      expect(handled.map(asText)).toEqual(range(0, 50).filter((number) => !['7', '33'].includes(number)));
      expect(dead.records.map(asText)).toEqual(['7', '33']);
      expect(dead.records[0]).toMatchObject({
        key: 'k',
        headers: {
          kind: 'number',
          [DEAD_LETTER_HEADERS.topic]: topic,
          [DEAD_LETTER_HEADERS.group]: 'g',
          [DEAD_LETTER_HEADERS.offset]: '7',
          [DEAD_LETTER_HEADERS.reason]: 'no digest in 7',
        },
      });
    });

    test('shares the partitions among a group, and hands those of a member that stops to the others', async () => {
      const [one, two] = [collect(), collect()];
      const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
      const first = await consume(bus, 'g', one.handler);
      await consume(newBus(), 'g', two.handler);
      let round = 0;
      await until(async () => {
        const from = [one.records.length, two.records.length];
        round += 1;
        await bus.publish(
          topic,
          keys.map((key) => text(key, String(round))),
        );
        await sleep(300);
        return one.records.length > from[0]! && two.records.length > from[1]!;
      });
      await first.stop();
      const before = one.records.length;
      round += 1;
      await bus.publish(
        topic,
        keys.map((key) => text(key, String(round))),
      );
      await until(() => keys.every((key) => two.texts(key).includes(String(round))));
      expect(one.records).toHaveLength(before);
      for (const key of keys) {
        const all = new Set([...one.texts(key), ...two.texts(key)]);
        expect(all.size).toBe(round);
      }
    });

    test('starts a new group at the end where it asks for the latest', async () => {
      await bus.publish(topic, [text('k', 'old')]);
      const seen = collect();
      await bus.subscribe({ topic, group: 'late', batchSize: 10, from: 'latest' }, seen.handler);
      await until(async () => {
        await bus.publish(topic, [text('k', 'new')]);
        await sleep(200);
        return seen.records.length > 0;
      });
      expect(seen.texts('k')).not.toContain('old');
    });

    test('refuses quickly while the backend is away, and works again after, consumers included', async () => {
      const seen = collect();
      await consume(bus, 'g', seen.handler);
      await bus.publish(topic, [text('k', 'before')]);
      await until(() => seen.texts('k').includes('before'));

      await backend.takeAway();
      const started = Date.now();
      await expect(bus.publish(topic, [text('k', 'lost')])).rejects.toMatchObject({
        retriable: true,
        code: 'BUS_UNAVAILABLE',
      });
      expect(Date.now() - started).toBeLessThan(10_000);
      await expect(bus.check()).rejects.toMatchObject({ retriable: true });
      const lateSeen = collect();
      const late = newBus();
      await consume(late, 'late', lateSeen.handler);

      await backend.bringBack();
      await until(() =>
        bus.publish(topic, [text('k', 'after')]).then(
          () => true,
          () => false,
        ),
      );
      await bus.check();
      await until(() => seen.texts('k').includes('after') && lateSeen.texts('k').includes('after'));
      expect(lateSeen.texts('k')).toContain('before');
    }, 180_000);

    test('names a topic that does not exist', async () => {
      await expect(bus.publish('nowhere', [text('k', 'v')])).rejects.toThrow('The topic "nowhere" does not exist');
    });
  });
}

/** A handler that keeps what it is given. */
export function collect() {
  const records: BusRecord[] = [];
  const sizes: number[] = [];
  const partitions: number[] = [];
  const handler: BatchHandler = async (batch) => {
    sizes.push(batch.records.length);
    partitions.push(batch.partition);
    records.push(...batch.records);
  };
  const texts = (key: string) => records.filter((record) => record.key === key).map(asText);
  return { records, sizes, partitions, handler, texts };
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`It did not happen within ${PATIENCE_MS / 1000} s: ${condition}`);
    await sleep(20);
  }
}

export const text = (key: string, value: string) => ({ key, value: Buffer.from(value) });
export const asText = (record: BusRecord) => record.value.toString();
export const later = () => Object.assign(new Error('not now'), { retriable: true });

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => String(from + index));
const numbered = (count: number) =>
  range(0, count).map((number) => ({ ...text('k', number), headers: { kind: 'number' } }));

function gate() {
  let reached = () => {};
  let open = () => {};
  const wasReached = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { wasReached, reached: () => reached(), opened, open: () => open() };
}
