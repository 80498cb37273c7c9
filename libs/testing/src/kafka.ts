import type { KafkaBroker } from './kafka/broker.js';
import { startDockerBroker } from './kafka/docker-broker.js';
import { fetchKafkaJars } from './kafka/fetch-jars.js';
import { getKafkaSource, type KafkaSource } from './kafka/find-kafka.js';
import { startJavaBroker } from './kafka/java-broker.js';

export type { KafkaBroker } from './kafka/broker.js';
export { findKafka, KAFKA_VERSION, type KafkaSource } from './kafka/find-kafka.js';
export { sharedKafka, stopSharedKafka } from './kafka/shared.js';

/** Makes sure that `startKafka` needs no download any more; throws a sentence that says what to install. */
export async function provisionKafka(): Promise<KafkaSource> {
  const source = await getKafkaSource();
  if (source.type === 'java') await fetchKafkaJars();
  return source;
}

/**
 * A Kafka for a test. With `own` it is a private broker that may be killed and restarted; without it the one that KAFKA_BROKERS names is
 * taken where that is set.
 */
export async function startKafka(options: { own?: boolean } = {}): Promise<KafkaBroker> {
  const source = await getKafkaSource(options);
  switch (source.type) {
    case 'external':
      return externalBroker(source.brokers);
    case 'docker':
      return startDockerBroker();
    case 'java':
      return startJavaBroker();
  }
}

function externalBroker(brokers: string[]): KafkaBroker {
  const refuse = async () => {
    throw new Error(
      'The broker that KAFKA_BROKERS names is not ours to end: ask startKafka for one with { own: true }.',
    );
  };
  return { brokers, kill: refuse, restart: refuse, stop: async () => {} };
}
