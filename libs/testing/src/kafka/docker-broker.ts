import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { freePorts, type KafkaBroker, waitUntilItAnswers } from './broker.js';
import { KAFKA_VERSION } from './find-kafka.js';
import { SINGLE_NODE_PROPERTIES } from './server-properties.js';

const run = promisify(execFile);

export async function startDockerBroker(): Promise<KafkaBroker & { container: string }> {
  const [port] = (await freePorts(1)) as [number];
  const settings = {
    KAFKA_NODE_ID: 1,
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_INTER_BROKER_LISTENER_NAME: 'PLAINTEXT',
    KAFKA_HEAP_OPTS: '-Xmx512m',
    ...Object.fromEntries(Object.entries(SINGLE_NODE_PROPERTIES).map(([key, value]) => [environmentName(key), value])),
  };
  const environment = Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const image = `apache/kafka:${KAFKA_VERSION}`;
  const { stdout } = await run('docker', ['run', '-d', '-p', `127.0.0.1:${port}:9092`, ...environment, image]);
  const container = stdout.trim();
  const brokers = [`127.0.0.1:${port}`];
  const docker = async (...args: string[]) => {
    await run('docker', args);
  };
  const broker = {
    brokers,
    container,
    kill: () => docker('kill', container),
    restart: async () => {
      await docker('restart', container);
      await waitUntilItAnswers(brokers, () => undefined);
    },
    stop: () => docker('rm', '--force', '--volumes', container),
  };
  try {
    await waitUntilItAnswers(brokers, () => undefined);
    return broker;
  } catch (error) {
    await broker.stop();
    throw error;
  }
}

/** The image reads `offsets.topic.num.partitions` from `KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS`. */
function environmentName(property: string): string {
  return `KAFKA_${property.toUpperCase().replaceAll('.', '_')}`;
}
