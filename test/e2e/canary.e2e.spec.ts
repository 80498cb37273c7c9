import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  buildImage,
  type Distribution,
  type DistributionOptions,
  headTag,
  pushImage,
  startDistribution,
} from '#testing';
import { ADMIN_KEY, World } from './world.js';

const SERVICE = ['canaryFailed', 'canaryRecovered', 'registryDeaf', 'registryHeard'];
const REPOSITORY = 'tagwarden/canary';

type Json = Record<string, unknown>;
type Registry = {
  readonly canary: { readonly every: string; readonly repository: string; readonly lastRun: Json | null } | null;
  readonly deaf: { readonly since: string; readonly sentence: string } | null;
};

/** A real registry behind a door that can refuse every push of a manifest. */
async function startBehindDoor(options: DistributionOptions): Promise<{ registry: Distribution; open: () => void }> {
  const registry = await startDistribution(options);
  let isOpen = false;
  const door = createServer((incoming, answer) => {
    if (!isOpen && incoming.method === 'PUT' && incoming.url?.includes('/manifests/')) {
      incoming.resume();
      answer.writeHead(403, { 'content-type': 'application/json' });
      answer.end(JSON.stringify({ errors: [{ code: 'DENIED', message: 'read-only account' }] }));
      return;
    }
    const { method, headers } = incoming;
    const onward = request(`${registry.url}${incoming.url}`, { method, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    incoming.pipe(onward);
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const { port } = door.address() as AddressInfo;
  const stop = async () => {
    door.closeAllConnections();
    door.close();
    await registry.stop();
  };
  const behind = { ...registry, url: `http://127.0.0.1:${port}`, stop };
  return {
    registry: behind,
    open: () => {
      isOpen = true;
    },
  };
}

describe('How a registry fares', () => {
  let world: World;
  afterEach(() => world?.stop(), 60_000);

  const told = (prefix: string) =>
    world.alerts
      .map(({ body }) => JSON.parse(body) as { type: string; data: Json })
      .filter(({ type }) => type.startsWith(prefix));
  const changes = () => told('tagwarden.service.').map(({ type }) => type.slice('tagwarden.service.'.length));
  const registry = () => world.get<Registry>('registries/local');
  const metric = async (name: string): Promise<number> => {
    const answer = await fetch(`${world.apiUrl}/metrics`, { headers: { Authorization: `Bearer ${ADMIN_KEY}` } });
    const line = (await answer.text()).split('\n').find((one) => one.startsWith(`${name}{registry="local"}`));
    return Number(line?.split(' ').at(-1));
  };

  test('a canary that is refused alerts once; then it is overwritten, put back and measured, and pages nobody', async () => {
    let open: () => void = () => undefined;
    const startRegistry = async (options: DistributionOptions) => {
      const door = await startBehindDoor(options);
      open = door.open;
      return door.registry;
    };
    world = await World.start({ startRegistry, canary: { every: '1m' }, alsoTold: SERVICE });
    await world.eventually('the canary has failed', async () => (await registry()).canary?.lastRun !== null);
    expect((await registry()).canary).toMatchObject({
      every: '60s',
      repository: REPOSITORY,
      lastRun: { outcome: 'refused', detectSeconds: null, sentence: expect.stringContaining('read-only account') },
    });
    await world.eventually('people are told', async () => changes().length > 0);
    expect(await metric('tagwarden_canary_success')).toBe(0);

    open();
    await world.eventually('it is well again', async () => changes().length > 1, 100_000);
    expect(changes()).toEqual(['canaryFailed', 'canaryRecovered']);
    expect(new Set(told('tagwarden.service.').map(({ data }) => data.dedupKey))).toEqual(new Set(['canary/local']));
    const { lastRun } = (await registry()).canary ?? {};
    expect(lastRun).toMatchObject({ outcome: 'ok', sentence: expect.stringContaining('put back within') });
    expect(await metric('tagwarden_canary_success')).toBe(1);
    expect(await metric('tagwarden_canary_detect_seconds_count')).toBe(1);
    expect(await metric('tagwarden_canary_restore_seconds_count')).toBe(1);
    expect(await metric('tagwarden_canary_restore_seconds_sum')).toBeCloseTo(Number(lastRun?.restoreSeconds));

    const { seal } = await world.tag(REPOSITORY, 'canary');
    expect((await headTag(world.registry.url, REPOSITORY, 'canary'))?.digest).toBe(seal?.digest);
    expect(await world.violations(REPOSITORY)).toEqual([
      expect.objectContaining({
        kind: 'overwrite',
        state: 'restored',
        sealedDigest: seal?.digest,
        rule: expect.objectContaining({ name: 'canary of local' }),
      }),
    ]);
    expect(await world.items('rules')).toContainEqual(
      expect.objectContaining({ name: 'canary of local', origin: 'file', mode: 'enforce' }),
    );
    expect(await world.items('incidents')).toEqual([]);
    expect(told('tagwarden.violation.')).toEqual([]);
  }, 180_000);

  test('a registry that falls silent while its tags change is deaf, which is told once, until it is heard', async () => {
    world = await World.start({ isSilent: true, alsoTold: SERVICE });
    const { url } = world.registry;
    const sweep = async () => {
      const before = new Date().toISOString();
      expect((await world.post('registries/local/sweep')).status).toBe(202);
      await world.eventually('the sweep is over', async () => {
        const { last } = (await world.get<{ sweep: { last: { startedAt: string } | null } }>('registries/local')).sweep;
        return last !== null && last.startedAt > before;
      });
    };
    const released = buildImage('released');
    await pushImage(url, 'team/app', 'v1', released);
    await sweep();
    await world.sealed('team/app', 'v1', released.digest);
    expect((await registry()).deaf).toBeNull();

    await pushImage(url, 'team/app', 'v1', buildImage('tampered'));
    await sweep();
    await world.eventually('it is taken for deaf', async () => (await registry()).deaf !== null, 60_000);
    expect((await registry()).deaf?.sentence).toContain('found a change of a sealed or covered tag that none told of');
    await world.eventually('people are told', async () => changes().length > 0);
    expect(await metric('tagwarden_registry_deaf')).toBe(1);
    await sweep();
    expect(changes()).toEqual(['registryDeaf']);

    const { digest, mediaType } = buildImage('something else');
    const target = { repository: 'free/app', tag: 'latest', digest, mediaType };
    const timestamp = new Date().toISOString();
    expect(await world.notify([{ id: 'heard-1', timestamp, action: 'push', target }])).toBe(202);
    await world.eventually('it is heard again', async () => changes().length > 1, 30_000);
    expect(changes()).toEqual(['registryDeaf', 'registryHeard']);
    expect((await registry()).deaf).toBeNull();
    expect(await metric('tagwarden_registry_deaf')).toBe(0);
  }, 180_000);
});
