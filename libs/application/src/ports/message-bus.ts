/** A message as it is published. Messages of one key stay in order; keys run in parallel. */
export type OutgoingMessage = {
  readonly key: string;
  readonly value: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
};

export type BusRecord = {
  readonly offset: bigint;
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
};

/** The statement runner of an open database transaction, as much of it as a bus needs. */
export type TransactionalQuery = (sql: string, parameters: unknown[]) => Promise<unknown>;

/** Consecutive records of one partition, in order. Never empty. */
export type RecordBatch = {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly BusRecord[];
  /**
   * Marks records up to and including `offset` as consumed inside the handler's own transaction, where this bus keeps its
   * positions in that database (the embedded one): record and position then commit together, or not at all. Throws when another
   * consumer has taken the partition over meanwhile, so that the transaction rolls back. A bus that keeps positions elsewhere
   * does nothing here and commits after the handler has returned.
   */
  commitWithin(query: TransactionalQuery, offset: bigint): Promise<void>;
};

/**
 * Handles a batch. Returns when everything in it is durable. Throws a `retriable` error when the same batch may succeed later
 * (the bus pauses the partition, waits with backoff and hands the batch over again); throws anything else when a record is bad: the
 * bus then halves the batch until the bad record stands alone, sends it to the dead-letter topic with its reason, and goes on.
 */
export type BatchHandler = (batch: RecordBatch) => Promise<void>;

export type SubscriptionOptions = {
  readonly topic: string;
  /** Consumers of one group share the partitions; every group sees every record. */
  readonly group: string;
  /** Upper bound on records in a batch. */
  readonly batchSize: number;
  /** Where a group without a position starts. */
  readonly from: 'earliest' | 'latest';
};

export interface Subscription {
  /** Takes no further batch, waits for the running ones, commits their positions and leaves the group. */
  stop(): Promise<void>;
}

/** Carries messages between the apps: durable once `publish` has resolved, delivered at least once, in order by key. */
export abstract class MessageBus {
  /** Resolves when all messages are durable (Kafka `acks=all`, or committed). Rejects with a retriable `BusUnavailableError`. */
  abstract publish(topic: string, messages: readonly OutgoingMessage[]): Promise<void>;
  abstract subscribe(options: SubscriptionOptions, handler: BatchHandler): Promise<Subscription>;
  /** Creates the topics that do not exist yet. */
  abstract ensureTopics(topics: readonly TopicSpecification[]): Promise<void>;
  /** Resolves if the bus can take a message now; rejects with the reason. */
  abstract check(): Promise<void>;
  abstract close(): Promise<void>;
}

export type TopicSpecification = { readonly name: string; readonly partitions: number; readonly retentionMs: number };
