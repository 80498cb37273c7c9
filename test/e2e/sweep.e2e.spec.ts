import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  buildImage,
  buildIndex,
  deleteManifest,
  headTag,
  pushImage,
  pushIndex,
  skopeo,
  writeOciLayout,
} from '#testing';
import { World } from './world.js';

const RULE = { name: 'shipped', repositories: { matching: ['shop/**'] }, tags: { matching: ['v*'] } };

type Sweep = { last: { startedAt: string; finishedAt: string; tags: number; differences: number } | null };

describe('A registry that sends no notifications', () => {
  let world: World;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagwarden-images-'));
    world = await World.start({ isSilent: true, sweepEvery: '10m' });
  }, 120_000);
  afterAll(async () => {
    await world?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const digestOf = async (tag: string) => (await headTag(world.registry.url, 'shop/till', tag))?.digest ?? null;

  /** One sweep, from its request to its end. */
  const sweep = async () => {
    const before = new Date().toISOString();
    expect((await world.post('registries/local/sweep')).status).toBe(202);
    let last: Sweep['last'] = null;
    await world.eventually('the sweep is over', async () => {
      last = (await world.get<{ sweep: Sweep }>('registries/local')).sweep.last;
      return last !== null && last.startedAt > before;
    });
    return last as unknown as NonNullable<Sweep['last']>;
  };

  test('gets its tags back within one sweep', async () => {
    const { url, host } = world.registry;
    const released = buildImage('released');
    const multi = buildIndex('multi');
    await pushImage(url, 'shop/till', 'v1', released);
    await pushImage(url, 'shop/till', 'latest', released);
    await pushIndex(url, 'shop/till', 'v2', multi);

    await world.endService('SIGTERM');
    await world.configure([RULE]);
    await world.startService();
    await sweep();
    await world.sealed('shop/till', 'v1', released.digest);
    await world.sealed('shop/till', 'v2', multi.digest);
    const [rule] = await world.items<{ id: string }>('rules');
    await world.eventually('the rule has sealed what it covers', async () => {
      const { sealed, done } = await world.get<{ sealed: number; done: boolean }>(`rules/${rule?.id}/sealing`);
      return done && sealed === 2;
    });
    await expect(world.tag('shop/till', 'latest')).rejects.toThrow('not recorded');

    await writeOciLayout(buildImage('tampered'), folder);
    await skopeo(['copy', `oci:${folder}:latest`, `docker://${host}/shop/till:v1`]);
    await deleteManifest(url, 'shop/till', multi.digest);
    expect([await digestOf('v1'), await digestOf('v2')]).toEqual([buildImage('tampered').digest, null]);
    expect(await world.violations('shop/till')).toEqual([]);

    expect(await sweep()).toMatchObject({ tags: 2, differences: 2 });
    await world.eventually('both are restored', async () => {
      const states = (await world.violations('shop/till')).map(({ state }) => state);
      return states.length === 2 && states.every((state) => state === 'restored');
    });
    const found = (await world.violations('shop/till')).map(({ kind }) => kind).sort();
    expect(found).toEqual(['deletion', 'overwrite']);
    expect([await digestOf('v1'), await digestOf('v2')]).toEqual([released.digest, multi.digest]);
    const inspected = JSON.parse(await skopeo(['inspect', `docker://${host}/shop/till:v1`])) as { Digest: string };
    expect(inspected.Digest).toBe(released.digest);
  }, 120_000);

  test('a rule that is made has what exists sealed, though nothing ever told of it', async () => {
    const stored = buildImage('stored long ago');
    await pushImage(world.registry.url, 'depot/app', 'v1', stored);
    const rule = { name: 'depot', repositories: { matching: ['depot/**'] }, tags: { all: true } };
    const { status, body } = await world.post('rules', rule);
    expect(status).toBe(201);
    await world.sealed('depot/app', 'v1', stored.digest);
    await world.eventually('its progress says so', async () => {
      const { sealed, done } = await world.get<{ sealed: number; done: boolean }>(`rules/${body.id}/sealing`);
      return done && sealed === 1;
    });
  }, 60_000);
});
