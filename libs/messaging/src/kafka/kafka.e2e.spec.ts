import { jest } from '@jest/globals';
import type { Log } from '#application';
import { startKafka } from '#testing';
import { describeBusContract } from '../bus-contract.js';
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
