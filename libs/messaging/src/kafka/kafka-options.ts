export type KafkaOptions = {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** TLS where it is given, be it empty: then the system's certificate authorities decide. PEM texts. */
  readonly ssl?: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly rejectUnauthorized?: boolean;
  };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** Where records go that a handler cannot take. */
  readonly deadLetterTopic: string;
  /** Of topics that `ensureTopics` creates; -1, the default, leaves it to the broker's `default.replication.factor`. */
  readonly replicationFactor?: number;
  /** How many partitions one subscription handles at the same time. */
  readonly partitionsInParallel?: number;
  /** A consumer that says nothing for so long has its partitions given to the others. Bounds: the broker's `group.*.session.timeout.ms`. */
  readonly sessionTimeoutMs?: number;
};
