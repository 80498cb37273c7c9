import type { Consumer, ConsumerCrashEvent } from 'kafkajs';

/** kafkajs fetches several times a second, even when idle. One that has not for so long, without being busy, is stuck. */
const STUCK_AFTER_MS = 60_000;

export type ConsumerWatch = {
  /** Resolves when a stop is asked for; rejects when the consumer has crashed or is stuck. */
  readonly ended: Promise<void>;
  dispose(): void;
};

export function watchConsumer(
  consumer: Consumer,
  options: { isBusy(): boolean; onJoin(): void; stopping: AbortSignal },
): ConsumerWatch {
  const { stopping } = options;
  let lastSign = Date.now();
  let dispose = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    const watchdog = setInterval(() => {
      if (options.isBusy()) lastSign = Date.now();
      if (Date.now() - lastSign > STUCK_AFTER_MS) reject(new Error('it has not fetched for a minute.'));
    }, STUCK_AFTER_MS / 6);
    const stop = () => resolve();
    stopping.addEventListener('abort', stop);
    if (stopping.aborted) stop();
    dispose = () => {
      clearInterval(watchdog);
      stopping.removeEventListener('abort', stop);
    };
    consumer.on(consumer.events.FETCH, () => {
      lastSign = Date.now();
    });
    consumer.on(consumer.events.GROUP_JOIN, () => options.onJoin());
    consumer.on(consumer.events.CRASH, (event: ConsumerCrashEvent) => reject(event.payload.error));
  });
  // It may reject while its owner still connects, and is awaited only after that.
  ended.catch(() => {});
  return { ended, dispose: () => dispose() };
}
