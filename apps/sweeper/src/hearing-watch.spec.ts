import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { HearingWatch } from './hearing-watch.js';

async function watched(look: (call: number) => Promise<void>, calls: number) {
  const warnings: string[] = [];
  const asked: (readonly string[])[] = [];
  let done: () => void = () => undefined;
  const enough = new Promise<void>((resolve) => {
    done = resolve;
  });
  const log = { debug() {}, info() {}, error() {}, warn: (message: string) => void warnings.push(message) };
  const watch = {
    look: (registries: readonly string[]) => {
      asked.push(registries);
      if (asked.length === calls) done();
      return look(asked.length);
    },
  };
  const names = () => [`registry ${asked.length + 1}`];
  const hearing = new HearingWatch(watch, names, log, 1);
  hearing.onApplicationBootstrap();
  await enough;
  await hearing.beforeApplicationShutdown();
  return { warnings, asked };
}

test('It looks again and again, at the registries that there are then, and no more once it is stopped', async () => {
  const { asked } = await watched(async () => undefined, 3);
  expect(asked).toEqual([['registry 1'], ['registry 2'], ['registry 3']]);
  await sleep(20);
  expect(asked).toHaveLength(3);
});

test('It tells once of an outage, and again of the next', async () => {
  const failing = async (call: number) => {
    if (call !== 3) throw new Error('The database is away.');
  };
  const { warnings } = await watched(failing, 4);
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toContain('The database is away.');
});
