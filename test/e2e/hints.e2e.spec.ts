import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildImage, deleteManifest, headTag, pushImage } from '#testing';
import { HOOK_TOKEN, World } from './world.js';

/** A real registry, behind the notifications of a kind that never names a digest. */
describe('A registry that tells which tag was pushed, and not what', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ kind: 'quay', isSilent: true });
  }, 120_000);
  afterAll(() => world?.stop(), 60_000);

  const tell = async (repository: string, ...tags: string[]) => {
    const [namespace, name] = repository.split('/');
    const body = { repository, namespace, name, docker_url: `quay.io/${repository}`, homepage: '', updated_tags: tags };
    const response = await fetch(`${world.url}/hooks/local?token=${HOOK_TOKEN}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect([response.status, await response.json()]).toEqual([202, { accepted: tags.length, ignored: 0, rejected: 0 }]);
  };

  test('has its tags looked up, sealed and put back', async () => {
    const [good, bad] = [buildImage('good'), buildImage('bad')];
    await pushImage(world.registry.url, 'team/app', 'v1', good);
    await pushImage(world.registry.url, 'team/app', 'v2', good);
    await tell('team/app', 'v1', 'v2');
    await world.sealed('team/app', 'v1', good.digest);
    await world.sealed('team/app', 'v2', good.digest);
    await pushImage(world.registry.url, 'team/app', 'v1', bad);
    await tell('team/app', 'v1');
    await world.eventually('it is put back', async () => (await world.violations('team/app'))[0]?.state === 'restored');
    expect((await headTag(world.registry.url, 'team/app', 'v1'))?.digest).toBe(good.digest);
    const [event] = await world.items('events?registry=local&repository=team/app&type=observed&tag=v1');
    expect(event?.source).toMatch(/^(?:quay|enforcer)$/);
  }, 60_000);

  test('has a tag that is gone when it is looked up told as deleted, and put back', async () => {
    const image = buildImage('soon gone');
    await pushImage(world.registry.url, 'team/gone', 'v1', image);
    await tell('team/gone', 'v1');
    await world.sealed('team/gone', 'v1', image.digest);
    await deleteManifest(world.registry.url, 'team/gone', image.digest);
    await tell('team/gone', 'v1');
    await world.eventually('it is put back', async () => {
      const [violation] = await world.violations('team/gone');
      return violation?.kind === 'deletion' && violation.state === 'restored';
    });
    expect((await headTag(world.registry.url, 'team/gone', 'v1'))?.digest).toBe(image.digest);
  }, 60_000);
});
