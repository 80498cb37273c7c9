import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { ViolationChanged } from '#contracts';
import { createTestDatabase, type KafkaBroker, startKafka, type TestDatabase } from '#testing';
import { tellTheStory } from './story.js';

describe('On Apache Kafka and PostgreSQL, with the apps apart', () => {
  let kafka: KafkaBroker;
  let database: TestDatabase;
  beforeAll(async () => {
    kafka = await startKafka();
    database = await createTestDatabase();
  }, 180_000);

  tellTheStory(async () => ({
    apart: true,
    env: { KAFKA_BROKERS: kafka.brokers.join(','), DATABASE_URL: database.url },
  }));

  test('anyone may subscribe to the violations, which are CloudEvents', async () => {
    const client = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING });
    const consumer = client.consumer({ groupId: `anyone-${Date.now()}` });
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

  // After the story's own: hooks run in the order of the file, and a service that drains needs both.
  afterAll(async () => {
    await kafka?.stop();
    await database?.drop();
  }, 60_000);
});
