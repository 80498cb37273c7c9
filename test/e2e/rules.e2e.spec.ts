import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildImage, headTag, pushImage } from '#testing';
import { RULES, World } from './world.js';

const LATER = { name: 'later', repositories: { matching: ['later/**'] }, tags: { matching: ['v*'] } };

describe('A rule of the configuration file', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  }, 120_000);
  afterAll(() => world?.stop(), 60_000);

  const restartWith = async (rules: typeof RULES) => {
    await world.endService('SIGTERM');
    await world.configure(rules);
    await world.startService();
  };

  test('switched on seals what exists at its live digest; switched off frees it at once', async () => {
    const before = buildImage('before');
    await pushImage(world.registry.url, 'later/app', 'v1', before);
    await world.eventually('it is recorded', async () => (await world.tag('later/app', 'v1')).digest === before.digest);
    expect(await world.tag('later/app', 'v1')).toMatchObject({ seal: null, state: 'open' });

    await world.endService('SIGTERM');
    const live = buildImage('live');
    await pushImage(world.registry.url, 'later/app', 'v1', live);
    await world.configure([...RULES, LATER]);
    await world.startService();
    await world.sealed('later/app', 'v1', live.digest);
    expect(await world.violations('later/app')).toEqual([]);

    await pushImage(world.registry.url, 'later/app', 'v1', before);
    await world.eventually('it is put back', async () => {
      const [violation] = await world.violations('later/app');
      return violation?.state === 'restored';
    });
    expect((await headTag(world.registry.url, 'later/app', 'v1'))?.digest).toBe(live.digest);

    await restartWith(RULES);
    await world.eventually('it is free', async () => (await world.tag('later/app', 'v1')).seal === null);
    await pushImage(world.registry.url, 'later/app', 'v1', before);
    await world.eventually('it has moved', async () => (await world.tag('later/app', 'v1')).digest === before.digest);
    await sleep(500);
    expect((await headTag(world.registry.url, 'later/app', 'v1'))?.digest).toBe(before.digest);
    expect(await world.violations('later/app')).toHaveLength(1);
  }, 90_000);

  test('a malformed pattern stops the start, and is named with its place', async () => {
    await world.endService('SIGTERM');
    await world.configure([{ ...LATER, tags: { matching: ['v[1'] } }]);
    const { code, output } = await world.runToEnd();
    expect(code).toBe(2);
    expect(output).toMatch(/tagwarden\.yaml:\d+: rules\[0\]\.tags\.matching\[0\]/);
    expect(output).toContain('v[1');
  });
});
