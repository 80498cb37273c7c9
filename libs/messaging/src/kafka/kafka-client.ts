import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type ISocketFactory, Kafka, logLevel, type RetryOptions, type SASLOptions } from 'kafkajs';
import type { Log } from '#application';
import type { KafkaOptions } from './kafka-options.js';
import { stopIdleTimerOfKafkajs } from './request-queue-patch.js';

const TCP_KEEP_ALIVE_MS = 60_000;

export type KafkaTimings = { readonly requestTimeoutMs: number; readonly retry: RetryOptions };

/** All options are spelled out: kafkajs takes other retry defaults under NODE_ENV=test. */
export function createKafka(options: KafkaOptions, log: Log, timings: KafkaTimings): Kafka {
  if (!stopIdleTimerOfKafkajs())
    log.warn('kafkajs has changed: its idle timer could not be stopped and will use some CPU.');
  return new Kafka({
    brokers: [...options.brokers],
    clientId: options.clientId,
    ...(options.ssl ? { ssl: { ...options.ssl } } : {}),
    ...(options.sasl ? { sasl: options.sasl as SASLOptions } : {}),
    connectionTimeout: 2000,
    authenticationTimeout: 5000,
    requestTimeout: timings.requestTimeoutMs,
    retry: timings.retry,
    socketFactory: socketWithoutDelay,
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => {
      // What matters is said by us, once a change of state. kafkajs's own lines repeat with every attempt.
      const { message, broker, groupId, error } = entry.log;
      log.debug(`kafkajs: ${message}`, { namespace: entry.namespace, level: entry.label, broker, groupId, error });
    },
  });
}

/** kafkajs's own, with TCP_NODELAY: Nagle's algorithm would hold a small request back until the last one is acknowledged. */
const socketWithoutDelay: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const socket = ssl
    ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
    : connectTcp({ host, port }, onConnect);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
  return socket;
};
