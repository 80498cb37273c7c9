import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Log } from '#application';
import { type KafkaBroker, startKafka } from '#testing';
import { asText, describeBusContract, text, until } from '../bus-contract.js';
import { KafkaMessageBus } from './kafka-message-bus.js';

jest.setTimeout(120_000);

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

describeBusContract('Apache Kafka', async () => {
  const kafka = await startKafka({ own: true });
  return {
    createBus: ({ deadLetterTopic }) =>
      new KafkaMessageBus({ brokers: kafka.brokers, clientId: 'contract', deadLetterTopic }, silent),
    takeAway: () => kafka.kill(),
    bringBack: () => kafka.restart(),
    stop: () => kafka.stop(),
  };
});

describe('the bus on Kafka', () => {
  const subscription = { topic: 'events', group: 'g', batchSize: 10, from: 'earliest' } as const;
  let kafka: KafkaBroker;
  beforeAll(async () => {
    kafka = await startKafka({ own: true });
  });
  afterAll(() => kafka.stop());

  const newBus = (log: Log = silent) =>
    new KafkaMessageBus(
      { brokers: kafka.brokers, clientId: 'c', deadLetterTopic: 'dead', sessionTimeoutMs: 6000 },
      log,
    );

  test('a handler that takes longer than the session keeps its partitions, and a message too large is refused for good', async () => {
    const bus = newBus();
    await bus.ensureTopics([{ name: 'events', partitions: 1, retentionMs: 3_600_000 }]);
    const handled: string[] = [];
    const slowly = async (batch: { records: readonly Parameters<typeof asText>[0][] }) => {
      if (handled.length === 0) await sleep(9000);
      handled.push(...batch.records.map(asText));
    };
    await bus.publish('events', [text('k', '1')]);
    await bus.subscribe(subscription, slowly);
    const large = { key: 'k', value: Buffer.alloc(5 * 1024 * 1024) };
    await expect(bus.publish('events', [large])).rejects.toMatchObject({ code: 'MESSAGE_REJECTED', retriable: false });
    await until(() => handled.length > 0);
    await bus.publish('events', [text('k', '2')]);
    await until(() => handled.includes('2'));
    expect(handled).toEqual(['1', '2']);
    await bus.close();
  });

  test('waits for a broker that is away at the start, with one sentence in the log', async () => {
    await kafka.kill();
    const lines: string[] = [];
    const note = (message: string) => lines.push(message);
    const bus = newBus({ debug() {}, info: note, warn: note, error: note });
    const seen: string[] = [];
    await bus.subscribe({ ...subscription, group: 'early' }, async ({ records }) => {
      seen.push(...records.map(asText));
    });
    await until(() => lines.length > 0);
    await sleep(5000);
    expect(lines).toEqual([expect.stringContaining('The consumer "early" of events does not run')]);
    await kafka.restart();
    await until(() => seen.includes('2'));
    expect(lines).toHaveLength(2);
    await bus.close();
  });
});
