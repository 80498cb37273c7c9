import type { Admin, Kafka } from 'kafkajs';
import {
  type BatchHandler,
  type Log,
  MessageBus,
  type OutgoingMessage,
  type Subscription,
  type SubscriptionOptions,
  type TopicSpecification,
} from '#application';
import { messageOf } from '#domain';
import { BusUnavailableError } from '../bus.errors.js';
import { createKafka } from './kafka-client.js';
import type { KafkaOptions } from './kafka-options.js';
import { KafkaPublisher } from './kafka-publisher.js';
import { KafkaSubscription } from './kafka-subscription.js';
import { SESSION_TIMEOUT_MS } from './timings.js';

/** A notification may hold 1 MiB that is kept as it came, and base64 makes it larger; the broker's own default is 1 MiB. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** Callers wait for what goes through these connections: few tries, short ones. */
const INTERACTIVE = {
  requestTimeoutMs: 4000,
  retry: { initialRetryTime: 100, maxRetryTime: 1000, factor: 0.2, multiplier: 2, retries: 3 },
};
/** Joining a group takes as long as the slowest member; kafkajs adds that to this by itself. */
const BACKGROUND = {
  requestTimeoutMs: 10_000,
  retry: { initialRetryTime: 200, maxRetryTime: 2000, factor: 0.2, multiplier: 2, retries: 5 },
};
const DEFAULT_PARTITIONS_IN_PARALLEL = 4;

/** The bus on Apache Kafka. Connects with first use, and reaches a state of work by itself from any state of the brokers. */
export class KafkaMessageBus extends MessageBus {
  private readonly interactive: Kafka;
  private readonly background: Kafka;
  private readonly publisher: KafkaPublisher;
  private readonly subscriptions = new Set<Subscription>();
  private admin: Promise<Admin> | undefined;

  constructor(
    private readonly options: KafkaOptions,
    private readonly log: Log,
  ) {
    super();
    this.interactive = createKafka(options, log, INTERACTIVE);
    this.background = createKafka(options, log, BACKGROUND);
    this.publisher = new KafkaPublisher(this.interactive, log);
  }

  publish(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    return this.publisher.publish(topic, messages);
  }

  /**
   * Resolves at once; the group is joined in the background, for as long as that takes. A group that starts at `latest` therefore sees
   * what is published after it has joined.
   */
  async subscribe(options: SubscriptionOptions, handler: BatchHandler): Promise<Subscription> {
    const settings = {
      partitionsInParallel: this.options.partitionsInParallel ?? DEFAULT_PARTITIONS_IN_PARALLEL,
      sessionTimeoutMs: this.options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
      log: this.log,
      publishDeadLetter: (message: OutgoingMessage) => this.publishDeadLetter(options.topic, message),
    };
    const consumer = new KafkaSubscription(this.background, options, handler, settings, this.log);
    const subscription = {
      stop: async () => {
        this.subscriptions.delete(subscription);
        await consumer.stop();
      },
    };
    this.subscriptions.add(subscription);
    return subscription;
  }

  async ensureTopics(topics: readonly TopicSpecification[]): Promise<void> {
    await this.withAdmin(async (admin) => {
      const existing = new Set(await admin.listTopics());
      const missing = topics.filter(({ name }) => !existing.has(name));
      if (missing.length === 0) return;
      // Should another process create one meanwhile, kafkajs answers false instead of throwing.
      await admin.createTopics({
        waitForLeaders: true,
        topics: missing.map(({ name, partitions, retentionMs }) => ({
          topic: name,
          numPartitions: partitions,
          replicationFactor: this.options.replicationFactor ?? -1,
          configEntries: [
            { name: 'retention.ms', value: String(retentionMs) },
            { name: 'max.message.bytes', value: String(MAX_MESSAGE_BYTES) },
          ],
        })),
      });
    });
  }

  async check(): Promise<void> {
    await this.withAdmin(async (admin) => {
      const { brokers } = await admin.describeCluster();
      if (brokers.length === 0) throw new Error('no broker is registered with the cluster.');
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.stop()));
    await this.publisher.close();
    await this.dropAdmin();
  }

  private async publishDeadLetter(from: string, message: OutgoingMessage): Promise<void> {
    const topic = this.options.deadLetterTopic;
    if (from === topic) throw new BusUnavailableError('A record of the dead-letter topic itself is kept where it is.');
    await this.publish(topic, [message]);
  }

  private async withAdmin(work: (admin: Admin) => Promise<void>): Promise<void> {
    try {
      this.admin ??= this.connectAdmin();
      await work(await this.admin);
    } catch (error) {
      await this.dropAdmin();
      throw new BusUnavailableError(
        `Kafka at ${this.options.brokers.join(', ')} does not answer: ${messageOf(error)}`,
        error,
      );
    }
  }

  private async connectAdmin(): Promise<Admin> {
    const admin = this.interactive.admin();
    await admin.connect();
    return admin;
  }

  private async dropAdmin(): Promise<void> {
    const admin = this.admin;
    this.admin = undefined;
    await admin?.then((connected) => connected.disconnect()).catch(() => {});
  }
}
