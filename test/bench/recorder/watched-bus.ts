import {
  type BatchHandler,
  MessageBus,
  type OutgoingMessage,
  type Subscription,
  type SubscriptionOptions,
  type TopicSpecification,
} from '#application';

export type Watch = {
  /** What the recorder's topic is called in this run. */
  readonly topic: string;
  readonly group: string;
  onBatchTaken(): void;
  onBatchRecorded(records: number): void;
};

/** The real bus, with its batches counted, and with the recorder's topic and group under names of this run's own. */
export class WatchedBus extends MessageBus {
  constructor(
    private readonly bus: MessageBus,
    private readonly watch: Watch,
  ) {
    super();
  }

  override subscribe(options: SubscriptionOptions, handler: BatchHandler): Promise<Subscription> {
    const { topic, group } = this.watch;
    return this.bus.subscribe({ ...options, topic, group }, async (batch) => {
      this.watch.onBatchTaken();
      await handler(batch);
      this.watch.onBatchRecorded(batch.records.length);
    });
  }

  override publish(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    return this.bus.publish(topic, messages);
  }

  override ensureTopics(topics: readonly TopicSpecification[]): Promise<void> {
    return this.bus.ensureTopics(topics);
  }

  override check(): Promise<void> {
    return this.bus.check();
  }

  override close(): Promise<void> {
    return this.bus.close();
  }
}
