import { describe, expect, test } from '@jest/globals';
import { consumeWithBisection } from './consume-with-bisection.js';

const retriable = () => Object.assign(new Error('later'), { retriable: true });

function consumer(fails: (record: number) => Error | undefined) {
  const seen = { handled: [] as number[], dead: [] as number[], calls: 0 };
  const steps = {
    handle: async (records: readonly number[]) => {
      seen.calls += 1;
      for (const record of records) {
        const error = fails(record);
        if (error) throw error;
      }
      seen.handled.push(...records);
    },
    deadLetter: async (record: number) => {
      seen.dead.push(record);
    },
  };
  return { seen, steps };
}

describe('consumeWithBisection', () => {
  test('hands a good batch over once', async () => {
    const { seen, steps } = consumer(() => undefined);
    await consumeWithBisection([1, 2, 3], steps);
    expect(seen).toEqual({ handled: [1, 2, 3], dead: [], calls: 1 });
  });

  test.each([[[1]], [[500]], [[250, 251]], [[1, 77, 500]]])(
    'dead-letters %j alone and handles the others once, in order',
    async (bad) => {
      const records = Array.from({ length: 500 }, (_, index) => index + 1);
      const { seen, steps } = consumer((record) => (bad.includes(record) ? new Error('bad') : undefined));
      await consumeWithBisection(records, steps);
      expect(seen.dead).toEqual(bad);
      expect(seen.handled).toEqual(records.filter((record) => !bad.includes(record)));
      expect(seen.calls).toBeLessThanOrEqual(1 + bad.length * 2 * Math.ceil(Math.log2(500)));
    },
  );

  test('stops at a retriable error and keeps what was done before', async () => {
    const { seen, steps } = consumer((record) =>
      record === 1 ? new Error('bad') : record === 4 ? retriable() : undefined,
    );
    await expect(consumeWithBisection([1, 2, 3, 4], steps)).rejects.toThrow('later');
    expect(seen).toMatchObject({ handled: [2], dead: [1] });
  });

  test('does not pass a record that could not be dead-lettered', async () => {
    const { seen, steps } = consumer((record) => (record === 2 ? new Error('bad') : undefined));
    const failing = { ...steps, deadLetter: async () => Promise.reject(new Error('no room')) };
    await expect(consumeWithBisection([1, 2, 3, 4], failing)).rejects.toThrow('no room');
    expect(seen.handled).toEqual([1]);
  });
});
