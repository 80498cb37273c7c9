import { describe, expect, test } from '@jest/globals';
import { BusUnavailableError, MessageRejectedError } from './bus.errors.js';
import { type PublishEntry, PublishQueue, type PublishQueueOptions } from './publish-queue.js';

const message = (key: string, bytes = 1) => ({ key, value: Buffer.alloc(bytes) });

function queueWith(flush: PublishQueueOptions['flush'], options: Partial<PublishQueueOptions> = {}) {
  const flushes: string[][] = [];
  const recording = async (entries: readonly PublishEntry[]) => {
    flushes.push(entries.flatMap((entry) => entry.messages.map(({ key }) => key)));
    await flush(entries);
  };
  const limits = { deadlineMs: 5000, maxFlushBytes: 10_000, maxQueuedBytes: 100_000 };
  return { flushes, queue: new PublishQueue({ flush: recording, ...limits, ...options }) };
}

describe('PublishQueue', () => {
  test('sends together what is published while a flush is under way, in order', async () => {
    const { flushes, queue } = queueWith(() => new Promise((resolve) => setTimeout(resolve, 20)));
    const first = queue.publish('t', [message('a')]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await Promise.all([first, queue.publish('t', [message('b')]), queue.publish('u', [message('c')])]);
    expect(flushes).toEqual([['a'], ['b', 'c']]);
  });

  test('splits what is larger than a request', async () => {
    const { flushes, queue } = queueWith(async () => {});
    await queue.publish('t', [message('a', 6000), message('b', 6000), message('c', 20_000), message('d')]);
    expect(flushes).toEqual([['a'], ['b'], ['c'], ['d']]);
  });

  test('rejects only the message at fault', async () => {
    const { queue } = queueWith(async (entries) => {
      if (entries.some((entry) => entry.topic === 'bad')) throw new MessageRejectedError('too large');
    });
    const results = await Promise.allSettled(['t', 'bad', 't'].map((topic) => queue.publish(topic, [message('k')])));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('does not try one by one while the bus is away', async () => {
    const { flushes, queue } = queueWith(() => Promise.reject(new BusUnavailableError('away')));
    const results = await Promise.allSettled(['a', 'b'].map((key) => queue.publish('t', [message(key)])));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(flushes).toEqual([['a', 'b']]);
  });

  test('answers within the deadline, and does not send later what was refused', async () => {
    let release = () => {};
    const { flushes, queue } = queueWith(() => new Promise<void>((resolve) => (release = resolve)), { deadlineMs: 30 });
    const stuck = queue.publish('t', [message('a')]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const behind = queue.publish('t', [message('b')]);
    await expect(stuck).rejects.toThrow(BusUnavailableError);
    await expect(behind).rejects.toThrow(BusUnavailableError);
    release();
    await queue.drain();
    expect(flushes).toEqual([['a']]);
  });

  test('refuses at once when too much waits', async () => {
    let release = () => {};
    const blocked = () => new Promise<void>((resolve) => (release = resolve));
    const { queue } = queueWith(blocked, { maxQueuedBytes: 1000 });
    const first = queue.publish('t', [message('a', 900)]);
    await expect(queue.publish('t', [message('b', 900)])).rejects.toThrow('The bus is behind');
    await new Promise((resolve) => setTimeout(resolve, 5));
    release();
    await first;
  });
});
