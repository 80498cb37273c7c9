import type { Log, MessageBus, TopicSpecification } from '#application';
import { TOPICS } from '#contracts';
import { EmbeddedMessageBus, KafkaMessageBus } from '#messaging';
import type { Configuration } from '../configuration/index.js';
import type { OpenDatabase } from './open-database.js';

const DAY_MS = 86_400_000;

/** Every topic, as this configuration wants it. */
export const topicSpecifications = ({ bus }: Configuration): TopicSpecification[] => [
  { name: TOPICS.registryEvents, partitions: bus.partitions, retentionMs: 7 * DAY_MS },
  { name: TOPICS.violations, partitions: bus.partitions, retentionMs: 30 * DAY_MS },
  { name: TOPICS.deadLetter, partitions: 1, retentionMs: 90 * DAY_MS },
];

/** Kafka where brokers are configured, else the log in PostgreSQL. */
export function openBus(configuration: Configuration, database: OpenDatabase | null, log: Log): MessageBus {
  const { bus } = configuration;
  const deadLetterTopic = TOPICS.deadLetter;
  if (bus.type === 'kafka') {
    const { brokers, tls, sasl, replicationFactor } = bus;
    return new KafkaMessageBus(
      {
        brokers,
        clientId: 'tagwarden',
        deadLetterTopic,
        replicationFactor,
        ...(tls === null ? {} : { ssl: defined({ ca: tls.ca, cert: tls.cert, key: tls.key?.reveal() }) }),
        ...(sasl === null ? {} : { sasl: { ...sasl, password: sasl.password.reveal() } }),
      },
      log,
    );
  }
  if (database === null) throw new Error('The embedded bus needs a database.');
  return new EmbeddedMessageBus({ ...database.connection, deadLetterTopic }, log);
}

/** Without the keys that are not set. */
function defined<T extends Record<string, string | null | undefined>>(values: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value != null)) as { [K in keyof T]?: string };
}
