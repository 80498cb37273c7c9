import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, Kafka } from 'kafkajs';
import type { BatchHandler, Log, Subscription, SubscriptionOptions } from '#application';
import { Availability } from '../availability.js';
import { backoffMs } from '../backoff.js';
import { BatchRunner, type BatchRunnerOptions } from './batch-runner.js';
import { HEARTBEAT_INTERVAL_MS } from './timings.js';
import { watchConsumer } from './watch-consumer.js';

/**
 * A fetch that finds nothing waits so long at the broker, which answers at once when there is something: this costs no latency. It
 * bounds how long a stop, a resumed partition or the news of a rebalance may take.
 */
const FETCH_WAIT_MS = 500;
const MAX_RESTART_DELAY_MS = 3000;
const CLOSE_TIMEOUT_MS = 10_000;

export type KafkaSubscriptionSettings = Omit<BatchRunnerOptions, 'subscription' | 'handler'> & {
  readonly partitionsInParallel: number;
  readonly sessionTimeoutMs: number;
};

/** Owns a consumer, and replaces it by a new one whenever it ends, for whatever reason, until `stop`. */
export class KafkaSubscription implements Subscription {
  private readonly availability: Availability;
  private readonly running: Promise<void>;
  private readonly stopping = new AbortController();
  private attempt = 0;

  constructor(
    private readonly kafka: Kafka,
    private readonly options: SubscriptionOptions,
    private readonly handler: BatchHandler,
    private readonly settings: KafkaSubscriptionSettings,
    log: Log,
  ) {
    const { topic, group } = options;
    const sentences = {
      away: `The consumer "${group}" of ${topic} does not run; it is started again until it does.`,
      back: `The consumer "${group}" of ${topic} runs again.`,
    };
    this.availability = new Availability(log, sentences, { topic, group });
    this.running = this.keepRunning();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async keepRunning(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.runOnce();
      } catch (error) {
        this.availability.down(error);
        await sleep(backoffMs(this.attempt, 200, MAX_RESTART_DELAY_MS), undefined, { signal }).catch(() => {});
        this.attempt += 1;
      }
    }
  }

  /** Resolves when it was asked to stop; rejects when the consumer has ended by itself. */
  private async runOnce(): Promise<void> {
    const consumer = this.createConsumer();
    const runner = new BatchRunner({ ...this.settings, subscription: this.options, handler: this.handler });
    const watch = watchConsumer(consumer, {
      isBusy: () => runner.isBusy(),
      stopping: this.stopping.signal,
      onJoin: () => {
        this.attempt = 0;
        this.availability.up();
      },
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic: this.options.topic, fromBeginning: this.options.from === 'earliest' });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: this.settings.partitionsInParallel,
        eachBatch: (payload) => runner.run(payload),
      });
      await watch.ended;
    } finally {
      watch.dispose();
      runner.stop();
      await close(consumer, runner);
    }
  }

  private createConsumer(): Consumer {
    return this.kafka.consumer({
      groupId: this.options.group,
      sessionTimeout: this.settings.sessionTimeoutMs,
      rebalanceTimeout: 60_000,
      heartbeatInterval: HEARTBEAT_INTERVAL_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      minBytes: 1,
      allowAutoTopicCreation: false,
      // A crash ends this consumer for good; `keepRunning` makes the next, so that there is one way to come back and not two.
      retry: { initialRetryTime: 200, maxRetryTime: 2000, retries: 5, restartOnFailure: async () => false },
    });
  }
}

/** Waits for running handlers, commits, and leaves the group; a consumer that is stuck is left to itself. */
async function close(consumer: Consumer, runner: BatchRunner): Promise<void> {
  const closed = consumer.disconnect().catch(() => {});
  while (!(await settlesWithin(closed, CLOSE_TIMEOUT_MS))) if (!runner.isBusy()) return;
}

async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const settled = await Promise.race([promise.then(() => true), timeout]);
  clearTimeout(timer);
  return settled;
}
