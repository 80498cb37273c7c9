import type { MessageBus, TopicSpecification } from '#application';
import { encodeRecorderMessage, TOPICS } from '#contracts';
import { EmbeddedMessageBus, KafkaMessageBus } from '#messaging';
import type { Bench } from '../bench.js';
import type { BenchDatabase } from '../bench-postgres.js';
import { QUIET } from '../quiet-log.js';
import { batchesOf, eventsOf, type Mix } from './event-mix.js';

/** As many as an installation has that leaves it to the defaults. */
const PARTITIONS = 8;
const CHUNK = 1_000;

/** A topic that holds the mix: each run reads it from the start, in a group of its own. */
export async function fillKafka({ kafkaBrokers }: Bench, mix: Mix, count: number): Promise<string> {
  const topic = `bench-${mix}`;
  const options = { brokers: kafkaBrokers, clientId: 'tagwarden-bench', deadLetterTopic: TOPICS.deadLetter };
  await fill(new KafkaMessageBus(options, QUIET), topic, mix, count);
  return topic;
}

/** A database whose embedded bus holds the mix, to be copied for each run. */
export async function fillEmbedded({ postgres }: Bench, mix: Mix, count: number): Promise<BenchDatabase> {
  const database = await postgres.createDatabase();
  const options = { connectionString: database.url, deadLetterTopic: TOPICS.deadLetter };
  await fill(new EmbeddedMessageBus(options, QUIET), TOPICS.registryEvents, mix, count);
  return database;
}

async function fill(bus: MessageBus, topic: string, mix: Mix, count: number): Promise<void> {
  try {
    const specification: TopicSpecification = { name: topic, partitions: PARTITIONS, retentionMs: 86_400_000 };
    await bus.ensureTopics([specification]);
    for (const events of batchesOf(eventsOf(mix, count), CHUNK)) {
      await bus.publish(
        topic,
        events.map((event) => encodeRecorderMessage({ kind: 'event', event })),
      );
    }
  } finally {
    await bus.close();
  }
}
