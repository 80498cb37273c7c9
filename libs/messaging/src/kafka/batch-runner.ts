import type { EachBatchPayload, IHeaders, KafkaMessage } from 'kafkajs';
import type { BatchHandler, BusRecord, Log, OutgoingMessage, SubscriptionOptions } from '#application';
import { messageOf } from '#domain';
import { backoffMs } from '../backoff.js';
import { PositionNotKeptError } from '../bus.errors.js';
import { consumeWithBisection } from '../consume-with-bisection.js';
import { sendDeadLetter, toDeadLetter } from '../dead-letter.js';
import { Heartbeat } from './heartbeat.js';
import { HEARTBEAT_INTERVAL_MS } from './timings.js';

export type BatchRunnerOptions = {
  readonly subscription: SubscriptionOptions;
  readonly handler: BatchHandler;
  readonly publishDeadLetter: (message: OutgoingMessage) => Promise<void>;
  readonly log: Log;
};

/** The only place that knows Kafka's offsets: slice, handle, commit; pause a partition that has to wait. */
export class BatchRunner {
  private readonly attempts = new Map<number, number>();
  private readonly resumeTimers = new Set<NodeJS.Timeout>();
  private busy = 0;
  private stopped = false;

  constructor(private readonly options: BatchRunnerOptions) {}

  isBusy(): boolean {
    return this.busy > 0;
  }

  stop(): void {
    this.stopped = true;
    for (const timer of this.resumeTimers) clearTimeout(timer);
  }

  async run(payload: EachBatchPayload): Promise<void> {
    const heartbeat = new Heartbeat(payload.heartbeat, HEARTBEAT_INTERVAL_MS);
    this.busy += 1;
    try {
      for (const messages of slices(payload.batch.messages, this.options.subscription.batchSize)) {
        if (this.stopped || !payload.isRunning() || payload.isStale()) return;
        heartbeat.throwIfLost();
        if (!(await this.consume(messages, payload))) return;
      }
      heartbeat.throwIfLost();
    } finally {
      this.busy -= 1;
      heartbeat.stop();
    }
  }

  /** False when the partition has been paused, to be fetched again from where it stands. */
  private async consume(messages: readonly KafkaMessage[], payload: EachBatchPayload): Promise<boolean> {
    const { topic, partition } = payload.batch;
    const { group } = this.options.subscription;
    try {
      await consumeWithBisection(messages.map(toRecord), {
        handle: async (records) => {
          await this.options.handler({ topic, partition, records, commitWithin: async () => {} });
          await this.commit(records.at(-1)!, payload);
        },
        deadLetter: async (record, reason) => {
          const letter = toDeadLetter(record, { topic, partition, group }, reason);
          await sendDeadLetter(letter, this.options.publishDeadLetter);
          const fields = { topic, partition, group, offset: String(record.offset), reason: messageOf(reason) };
          this.options.log.error('A record could not be handled and was moved to the dead-letter topic.', fields);
          await this.commit(record, payload);
        },
      });
      this.attempts.delete(partition);
      return true;
    } catch (error) {
      // kafkajs must see why a commit failed: it is how it notices a rebalance or a new coordinator.
      if (error instanceof PositionNotKeptError) throw error.cause;
      this.pauseAndRetry(error, payload);
      return false;
    }
  }

  private async commit(record: BusRecord, payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch;
    const offset = String(record.offset + 1n);
    try {
      await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] });
    } catch (error) {
      throw new PositionNotKeptError(`Kafka did not take offset ${offset} of ${topic}/${partition}.`, error);
    }
    payload.resolveOffset(String(record.offset));
  }

  /** Waiting inside the batch would hold up every other partition of the same broker: kafkajs fetches for all of them together. */
  private pauseAndRetry(error: unknown, payload: EachBatchPayload): void {
    const { topic, partition } = payload.batch;
    const attempt = this.attempts.get(partition) ?? 0;
    this.attempts.set(partition, attempt + 1);
    const delayMs = backoffMs(attempt);
    if (attempt === 0) {
      const fields = { topic, partition, group: this.options.subscription.group, reason: messageOf(error) };
      this.options.log.warn('A batch could not be handled for now; its partition waits and tries again.', fields);
    }
    const resume = payload.pause();
    const timer = setTimeout(() => {
      this.resumeTimers.delete(timer);
      resume();
    }, delayMs);
    this.resumeTimers.add(timer);
  }
}

function* slices<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

function toRecord(message: KafkaMessage): BusRecord {
  return {
    offset: BigInt(message.offset),
    key: message.key?.toString() ?? '',
    value: message.value ?? Buffer.alloc(0),
    headers: toHeaders(message.headers ?? {}),
  };
}

function toHeaders(headers: IHeaders): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) result[name] = first.toString();
  }
  return result;
}
