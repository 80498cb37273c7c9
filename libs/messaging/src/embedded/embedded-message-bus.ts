import pg from 'pg';
import {
  type BatchHandler,
  type Log,
  MessageBus,
  type OutgoingMessage,
  type Subscription,
  type SubscriptionOptions,
  type TopicSpecification,
  type TransactionalQuery,
} from '#application';
import { messageOf } from '#domain';
import { BusUnavailableError } from '../bus.errors.js';
import { type ConnectionOptions, clientConfigOf } from './connection.js';
import { EmbeddedPublisher, explainPublishError } from './embedded-publisher.js';
import { EmbeddedSubscription } from './embedded-subscription.js';
import { Session } from './session.js';
import { CREATE_POSITIONS, publishWithin } from './statements.js';
import { trimRecords } from './trim-records.js';

export type EmbeddedBusOptions = ConnectionOptions & {
  /** Where records go that a handler cannot take. */
  readonly deadLetterTopic: string;
  /** How many partitions one subscription handles at the same time. */
  readonly partitionsInParallel?: number;
  readonly trimEveryMs?: number;
};

const DEFAULT_PARTITIONS_IN_PARALLEL = 4;
const DEFAULT_TRIM_EVERY_MS = 60_000;
/** The publisher, a dead letter, the trimmer, a check. */
const CONNECTIONS_BESIDE_CONSUMERS = 4;

const CREATE_TOPIC = `WITH made AS (
  INSERT INTO bus_topic (name, partitions, retention_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING name, partitions)
INSERT INTO bus_partition (topic, partition) SELECT name, generate_series(0, partitions - 1) FROM made`;

/** The bus as a partitioned log in PostgreSQL, for one machine. */
export class EmbeddedMessageBus extends MessageBus {
  private readonly pool: pg.Pool;
  private readonly session: Session;
  private readonly publisher: EmbeddedPublisher;
  private readonly subscriptions = new Set<Subscription>();
  private readonly trimTimer: NodeJS.Timeout;
  private trimming: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly options: EmbeddedBusOptions,
    private readonly log: Log,
  ) {
    super();
    this.pool = new pg.Pool({
      ...clientConfigOf(options),
      application_name: 'tagwarden-bus',
      max: (options.partitionsInParallel ?? DEFAULT_PARTITIONS_IN_PARALLEL) + CONNECTIONS_BESIDE_CONSUMERS,
      connectionTimeoutMillis: 4000,
      query_timeout: 10_000,
      keepAlive: true,
    });
    // An idle connection that breaks is replaced when it is next needed; without a listener it would end the process.
    this.pool.on('error', (error) =>
      log.debug('An idle connection of the embedded bus has ended.', { reason: error.message }),
    );
    this.session = new Session(clientConfigOf(options), log);
    this.publisher = new EmbeddedPublisher(this.pool, log);
    this.trimTimer = setInterval(() => this.trim(), options.trimEveryMs ?? DEFAULT_TRIM_EVERY_MS);
    this.trimTimer.unref();
  }

  publish(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    return this.publisher.publish(topic, messages);
  }

  /** See the function of that name. */
  publishWithin(query: TransactionalQuery, topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    return publishWithin(query, topic, messages);
  }

  async subscribe(options: SubscriptionOptions, handler: BatchHandler): Promise<Subscription> {
    // So that `latest` means from now on. If the database is away, the subscription does it once it is back.
    await this.pool.query(CREATE_POSITIONS, [options.group, options.topic, options.from === 'latest']).catch(() => {});
    const consumer = new EmbeddedSubscription(this.session, {
      subscription: options,
      handler,
      pool: this.pool,
      log: this.log,
      partitionsInParallel: this.options.partitionsInParallel ?? DEFAULT_PARTITIONS_IN_PARALLEL,
      deadLetter: (letter, move) => this.deadLetter(options.topic, letter, move),
    });
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
    await this.reach(async () => {
      for (const { name, partitions, retentionMs } of topics) {
        await this.pool.query(CREATE_TOPIC, [name, partitions, retentionMs]);
      }
    });
  }

  async check(): Promise<void> {
    await this.reach(() => this.pool.query('SELECT FROM bus_topic LIMIT 1'));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.trimTimer);
    await Promise.all([...this.subscriptions].map((subscription) => subscription.stop()));
    await this.publisher.drain();
    await this.trimming;
    await this.session.close();
    await this.pool.end();
  }

  private async deadLetter(
    from: string,
    letter: OutgoingMessage,
    move: (query: TransactionalQuery) => Promise<void>,
  ): Promise<void> {
    const topic = this.options.deadLetterTopic;
    if (from === topic) throw new BusUnavailableError('A record of the dead-letter topic itself is kept where it is.');
    const client = await this.pool.connect();
    const query: TransactionalQuery = (text, values) => client.query(text, values);
    try {
      await client.query('BEGIN');
      await publishWithin(query, topic, [letter]).catch((error) => {
        throw explainPublishError(error, [{ topic, messages: [letter] }]);
      });
      await move(query);
      await client.query('COMMIT');
      client.release();
    } catch (error) {
      // Closing the connection is the one rollback that cannot fail; dead letters are rare.
      client.release(true);
      throw error;
    }
  }

  private async reach(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw new BusUnavailableError(`The embedded bus cannot use its database: ${messageOf(error)}`, error);
    }
  }

  private trim(): void {
    this.trimming = this.trimming
      .then(async () => {
        const count = await trimRecords(this.pool, () => this.closed);
        if (count > 0) this.log.debug('Trimmed consumed records of the embedded bus.', { count });
      })
      .catch((error) => this.log.debug('Trimming waits for its next turn.', { reason: messageOf(error) }));
  }
}
