import { join } from 'node:path';

/** What one node must be told to do without replicas, and a test to start at once. */
export const SINGLE_NODE_PROPERTIES: Readonly<Record<string, string | number>> = {
  'auto.create.topics.enable': 'false',
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'group.initial.rebalance.delay.ms': 0,
  // A killed broker may register again once its old session has ended: 9 s by default, each time a test restarts it.
  'broker.session.timeout.ms': 1000,
  'broker.heartbeat.interval.ms': 200,
};

/** `server.properties` of broker and controller in one process, on loopback. */
export function serverProperties(options: { port: number; controllerPort: number; directory: string }): string {
  const properties: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${options.controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${options.port},CONTROLLER://127.0.0.1:${options.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${options.port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(options.directory, 'data'),
    ...SINGLE_NODE_PROPERTIES,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
