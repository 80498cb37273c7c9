import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { ViolationChanged } from '#contracts';
import { type KafkaBroker, startKafka } from '#testing';
import { tellTheStory } from './story.js';

describe('On Apache Kafka', () => {
  let kafka: KafkaBroker;
  beforeAll(async () => {
    kafka = await startKafka();
  }, 180_000);
  afterAll(() => kafka?.stop(), 60_000);

  tellTheStory(async () => ({ env: { KAFKA_BROKERS: kafka.brokers.join(',') } }));

  test('anyone may subscribe to the violations, which are CloudEvents', async () => {
    const consumer = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).consumer({
      groupId: `anyone-${Date.now()}`,
    });
    await consumer.connect();
    await consumer.subscribe({ topic: 'tagwarden.violations', fromBeginning: true });
    const types: string[] = [];
    const bothCame = new Promise<void>((resolve) => {
      void consumer.run({
        eachMessage: async ({ message }) => {
          const event = ViolationChanged.parse(JSON.parse(String(message.value)));
          if (event.data.repository === 'team/app') types.push(event.type);
          if (types.length >= 2) resolve();
        },
      });
    });
    await bothCame;
    await consumer.disconnect();
    expect(types).toEqual(['tagwarden.violation.detected', 'tagwarden.violation.restored']);
  }, 60_000);
});
