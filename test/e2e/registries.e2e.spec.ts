import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  buildImage,
  type Distribution,
  headTag,
  skopeo,
  startDistribution,
  type TestImage,
  writeOciLayout,
} from '#testing';
import { World } from './world.js';

const TOKEN = 'e2e-edge-hook-token';
const NAME = 'edge';

describe('A registry that somebody adds to a running service', () => {
  /** Read at each start of the service. */
  const env: Record<string, string> = {};
  let world: World;
  let registry: Distribution;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagwarden-images-'));
    world = await World.start({ env });
    registry = await startDistribution({
      notifications: {
        url: `${world.url}/hooks/${NAME}`,
        headers: { Authorization: [`Bearer ${TOKEN}`] },
        backoff: '200ms',
        timeout: '2s',
      },
    });
  }, 120_000);
  afterAll(async () => {
    await registry?.stop();
    await world?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const push = async (image: TestImage) => {
    const layout = join(folder, image.digest.slice(-12));
    await writeOciLayout(image, layout);
    await skopeo(['copy', `oci:${layout}:latest`, `docker://${registry.host}/shop/till:v1`]);
  };
  const liveDigest = async () => (await headTag(registry.url, 'shop/till', 'v1'))?.digest;
  const sealedDigest = async () => {
    const [tag] = await world.items<{ seal: { digest: string; kept: boolean } | null }>(`tags?registry=${NAME}&tag=v1`);
    return tag?.seal?.kept ? tag.seal.digest : null;
  };
  const restored = async () =>
    (await world.items<{ state: string }>(`violations?registry=${NAME}`)).filter(({ state }) => state === 'restored')
      .length;
  const hook = async () => {
    const headers = { Authorization: `Bearer ${TOKEN}` };
    return (await fetch(`${world.url}/hooks/${NAME}`, { method: 'POST', headers, body: '{"events":[]}' })).status;
  };
  const restart = async () => {
    await world.endService('SIGTERM');
    await world.startService();
  };
  const original = buildImage('edge original');

  test('is watched at once: its tags are sealed, and put back', async () => {
    expect(await hook()).toBe(404);
    const webhook = { token: TOKEN };
    const added = await world.post('registries', { name: NAME, kind: 'distribution', url: registry.url, webhook });
    expect(added).toMatchObject({ status: 201, body: { origin: 'api', secrets: ['webhook.token'] } });
    expect(JSON.stringify(added.body)).not.toContain(TOKEN);
    expect(await hook()).toBe(202);
    const guide = await world.get<{ webhookUrl: string }>(`registries/${NAME}/subscription`);
    expect(guide.webhookUrl).toBe(`${world.url}/hooks/${NAME}`);
    const rule = { name: 'tills', registries: [NAME], repositories: { matching: ['shop/**'] }, tags: { all: true } };
    expect((await world.post('rules', rule)).status).toBe(201);

    await push(original);
    await world.eventually('it is sealed', async () => (await sealedDigest()) === original.digest);
    await push(buildImage('edge tampered'));
    await world.eventually('it is put back', async () => (await restored()) === 1);
    expect(await liveDigest()).toBe(original.digest);
    const { heard } = await world.get<{ heard: { lastAt: string | null } }>(`registries/${NAME}/subscription`);
    expect(heard.lastAt).not.toBeNull();
    await world.eventually('it is swept', async () => {
      const { sweep } = await world.get<{ sweep: { last: unknown } }>(`registries/${NAME}`);
      return sweep.last !== null;
    });
  }, 60_000);

  test('is still there after a restart', async () => {
    await restart();
    expect(await hook()).toBe(202);
    await push(buildImage('edge tampered again'));
    await world.eventually('it is put back', async () => (await restored()) === 2);
    expect(await liveDigest()).toBe(original.digest);
  }, 90_000);

  test('is named where the key that sealed its secrets is another, and the others go on', async () => {
    env.TAGWARDEN_SECRET_KEY = 'a passphrase that sealed nothing';
    await restart();
    const shown = await world.items<{ name: string; unreadable: string | null }>('registries');
    expect(shown).toEqual([
      expect.objectContaining({ name: NAME, unreadable: expect.stringContaining('another TAGWARDEN_SECRET_KEY') }),
      expect.objectContaining({ name: 'local', unreadable: null }),
    ]);
    expect(await hook()).toBe(404);
    expect(await world.notify([])).toBe(202);
    delete env.TAGWARDEN_SECRET_KEY;
    await restart();
    expect(await hook()).toBe(202);
  }, 120_000);

  test('is watched no more when it is deleted, and its record stays', async () => {
    expect((await world.send('DELETE', `registries/${NAME}`)).status).toBe(204);
    expect(await hook()).toBe(404);
    expect(await world.items(`violations?registry=${NAME}`)).toHaveLength(2);
    const types = (await world.items<{ type: string; actor: string }>(`events?registry=${NAME}`)).map(
      ({ type }) => type,
    );
    expect(types[0]).toBe('registryDeleted');
    expect(types.filter((type) => type === 'registryCreated')).toHaveLength(1);
    expect((await world.send('DELETE', 'registries/local')).body.code).toBe('REGISTRY_OWNED_BY_FILE');
  }, 60_000);
});
