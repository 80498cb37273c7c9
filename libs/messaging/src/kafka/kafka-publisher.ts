import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import type { Log, OutgoingMessage } from '#application';
import { messageOf } from '#domain';
import { Availability } from '../availability.js';
import { BusUnavailableError, MessageRejectedError, TopicUnknownError } from '../bus.errors.js';
import { type PublishEntry, PublishQueue } from '../publish-queue.js';

/** An HTTP handler waits for it, and answers 503 after it. */
const PUBLISH_DEADLINE_MS = 5000;
/** The broker must have confirmed by then; below the deadline, so that its own reason is the one a caller sees. */
const ACKNOWLEDGE_TIMEOUT_MS = 3500;
/** Half of Kafka's default `max.message.bytes`, which bounds one request's share of a partition. */
const MAX_FLUSH_BYTES = 512 * 1024;
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/** One long-lived producer: connects with the first message, reconnects by itself. Keys are partitioned as Java's clients do (murmur2). */
export class KafkaPublisher {
  private readonly producer: Producer;
  private readonly queue: PublishQueue;
  private readonly availability: Availability;
  private connected = false;

  constructor(kafka: Kafka, log: Log) {
    this.producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    this.queue = new PublishQueue({
      flush: (entries) => this.flush(entries),
      deadlineMs: PUBLISH_DEADLINE_MS,
      maxFlushBytes: MAX_FLUSH_BYTES,
      maxQueuedBytes: MAX_QUEUED_BYTES,
    });
    this.availability = new Availability(log, {
      away: 'Kafka does not take messages; publishing is refused until it does.',
      back: 'Kafka takes messages again.',
    });
  }

  publish(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    return this.queue.publish(topic, messages);
  }

  async close(): Promise<void> {
    await this.queue.drain();
    if (this.connected) await this.producer.disconnect();
  }

  private async flush(entries: readonly PublishEntry[]): Promise<void> {
    try {
      if (!this.connected) await this.producer.connect();
      this.connected = true;
      const topicMessages = entries.map(({ topic, messages }) => ({ topic, messages: messages.map(toKafkaMessage) }));
      await this.producer.sendBatch({ acks: -1, timeout: ACKNOWLEDGE_TIMEOUT_MS, topicMessages });
      this.availability.up();
    } catch (error) {
      throw this.explain(error, entries);
    }
  }

  private explain(error: unknown, entries: readonly PublishEntry[]): Error {
    const type = protocolErrorType(error);
    if (type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE') {
      const message = 'Kafka refuses a message as too large: raise max.message.bytes of its topic.';
      return new MessageRejectedError(message, error);
    }
    if (type === 'UNKNOWN_TOPIC_OR_PARTITION') {
      return new TopicUnknownError(entries.map(({ topic }) => topic).join(', '), error);
    }
    this.availability.down(error);
    return new BusUnavailableError(`Kafka does not take messages now: ${messageOf(error)}`, error);
  }
}

function toKafkaMessage(message: OutgoingMessage) {
  return { key: message.key, value: message.value, headers: { ...message.headers } };
}

/** Kafka's own name of the error, however deep kafkajs has wrapped it. */
export function protocolErrorType(error: unknown): string | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < 8; current = current.cause, depth += 1) {
    const { type } = current as { type?: unknown };
    if (typeof type === 'string') return type;
  }
  return undefined;
}
