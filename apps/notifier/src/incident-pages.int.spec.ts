import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CurrentRules,
  type DueTag,
  describeManifest,
  EnforceTag,
  type KeptManifest,
  LimitedRegistryClients,
  RegistryWorkers,
  type Ruling,
} from '#application';
import { type Digest, NO_WAIVERS, parseRegistryName } from '#domain';
import { PgVault } from '#persistence';
import { createRegistryClients } from '#registries';
import { buildImage, FakeRegistry } from '#testing';
import {
  clockFrom,
  HISTORY,
  type IncidentWorld,
  silent,
  startIncidentWorld,
  WINDOW_MS,
} from './incident-world.fixture.js';

const original = buildImage('original');
const other = buildImage('other');
const others = Array.from({ length: 40 }, (_, index) => buildImage(`other ${index}`).digest);

let world: IncidentWorld;
beforeEach(async () => {
  world = await startIncidentWorld();
});
afterEach(() => world.stop());

const changesOf = (channel: string) => world.pages(channel).map(({ change }) => change);
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('A burst of 500 violations', () => {
  class Rules extends CurrentRules {
    override latest(): Ruling {
      return { history: HISTORY, waivers: NO_WAIVERS };
    }
    override async upToDate(): Promise<Ruling> {
      return this.latest();
    }
  }

  /** In front of the registry: each request takes a while, so that those that could come at once do. */
  async function startSlowDoor(url: string) {
    let underWay = 0;
    let most = 0;
    const door = createServer((incoming, answer) => {
      underWay += 1;
      most = Math.max(most, underWay);
      answer.once('close', () => {
        underWay -= 1;
      });
      const { method, headers } = incoming;
      const forward = () => {
        const onward = request(`${url}${incoming.url}`, { method, headers }, (reply) => {
          answer.writeHead(reply.statusCode ?? 502, reply.headers);
          reply.pipe(answer);
        });
        incoming.pipe(onward);
      };
      setTimeout(forward, 3);
    });
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    const { port } = door.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}`,
      most: () => most,
      stop: () => {
        door.closeAllConnections();
        door.close();
      },
    };
  }

  function enforcerOf(url: string, requestsAtOnce: number) {
    const clients = createRegistryClients([{ name: parseRegistryName('one'), kind: 'distribution', url }]);
    const enforceTag = new EnforceTag(
      world.queue,
      new PgVault(world.dataSource),
      new LimitedRegistryClients(clients, requestsAtOnce),
      new Rules(),
      {
        freshMs: 10_000,
        breakerRestorations: 20,
        breakerWindowMs: WINDOW_MS,
        readBackDelaysMs: [1, 1],
        settleMs: 0,
        attemptsBeforeAlert: 5,
      },
      silent,
      { now: Date.now, random: () => 0, sleep: (ms) => sleep(ms) },
    );
    const workers = new RegistryWorkers<DueTag>(
      {
        name: 'tags to restore',
        registries: () => ['one'],
        slotsPerRegistry: requestsAtOnce * 32,
        claim: (free) => world.queue.claim(free, 20_000, WINDOW_MS),
        registryOf: ({ ref }) => ref.registry,
        run: (tag) => enforceTag.enforce(tag),
        nextDueInMs: (registries) => world.queue.nextDueInMs(registries),
      },
      silent,
    );
    workers.start();
    return {
      stop: async () => {
        await workers.stop();
        await clients.close();
      },
    };
  }

  it('makes one page and one that closes it, and is restored with bounded concurrency', async () => {
    const registry = await FakeRegistry.start();
    const at = clockFrom(0);
    const repositories = range(500).map((index) => `team/app${index}`);
    const kept = describeManifest({ ...original, digest: original.digest as Digest }) as KeptManifest;
    await world.store.transaction('vault', (transaction) => transaction.keepManifests([kept]));
    for (const repository of repositories) {
      await registry.push(repository, 'v1', original);
      await registry.push(repository, 'v1', other);
    }
    const pushed = (digest: string, seconds: number) =>
      repositories.map((repository) => ({ at: at(seconds), tag: 'v1', repository, digest }));
    await world.record(pushed(original.digest, -5));
    const moved = pushed(other.digest, 0);
    // As ten partitions of the bus bring it, at the same time.
    await Promise.all(range(10).map((n) => world.record(moved.slice(n * 50, n * 50 + 50), `partition ${n}`)));
    const door = await startSlowDoor(registry.url);
    const enforcer = enforcerOf(door.url, 4);
    try {
      const open = async () => (await world.dataSource.query("SELECT FROM violation WHERE state <> 'restored'")).length;
      for (const deadline = Date.now() + 90_000; Date.now() < deadline && (await open()) > 0; ) await sleep(100);
      expect(await open()).toBe(0);
    } finally {
      await enforcer.stop();
      door.stop();
      await registry.stop();
    }
    expect(repositories.filter((repository) => registry.findTag(repository, 'v1') !== original.digest)).toEqual([]);
    expect(door.most()).toBe(4);

    expect(await world.incidents()).toEqual([expect.objectContaining({ members: 500, closed_at: expect.any(String) })]);
    const changes = await world.announced();
    // Whoever else listens hears of each.
    expect(changes.filter(({ type }) => type.endsWith('detected'))).toHaveLength(500);
    expect(changes.filter(({ type }) => type.endsWith('restored'))).toHaveLength(500);
    expect(new Set(changes.map(({ data }) => data.incident?.id)).size).toBe(1);
    await world.tell(changes);
    expect(changesOf('ops')).toEqual(['detected', 'restored']);
    expect(changesOf('pager')).toEqual(['detected', 'restored']);
    expect(world.pages('ops').at(-1)?.data.incident.members).toBe(500);
    expect(new Set(world.pages('ops').map(({ data }) => data.dedupKey)).size).toBe(1);
  }, 180_000);
});

describe('Incidents', () => {
  const at = clockFrom(12);
  const seal = (count: number, more: { tag?: string; registry?: string } = {}) =>
    world.record(
      range(count).map((index) => ({
        at: at(-60),
        tag: 'v1',
        repository: `team/app${index}`,
        digest: original.digest,
        actor: 'release',
        ...more,
      })),
    );
  const move = (index: number, seconds: number, more: object = {}) =>
    world.record([
      { at: at(seconds), tag: 'v1', repository: `team/app${index}`, digest: others[index % others.length]!, ...more },
    ]);

  it('are told as now where a violation is alone', async () => {
    await seal(1);
    await move(0, 0);
    await world.enforce('failed');
    await world.dataSource.query(
      'INSERT INTO enforcement (tag_id, registry, next_at) SELECT id, registry, now() FROM tag',
    );
    await world.enforce('restored');
    await world.notify();
    expect(changesOf('ops')).toEqual(['detected', 'failed', 'restored']);
  });

  it('hold together two who converge on one digest, also in another registry', async () => {
    await seal(2);
    await seal(1, { registry: 'two' });
    await move(0, 0, { digest: other.digest, actor: 'ci' });
    await move(1, 5, { digest: other.digest, actor: 'mallory' });
    await move(0, 9, { digest: other.digest, actor: 'ci', registry: 'two' });
    expect(await world.incidents()).toEqual([expect.objectContaining({ members: 3, is_mixed: true })]);
  });

  it('keep apart two who do different things', async () => {
    await seal(2);
    await move(0, 0, { actor: 'ci' });
    await move(1, 5, { actor: 'mallory' });
    expect((await world.incidents()).map(({ members }) => members)).toEqual([1, 1]);
  });

  it('hold together deletions by nobody whom the registry names', async () => {
    await seal(3);
    for (const index of range(3)) await move(index, index, { digest: undefined, actor: null });
    await world.enforce('restored');
    await world.notify();
    expect((await world.incidents()).map(({ members }) => members)).toEqual([3]);
    expect(changesOf('ops')).toEqual(['detected', 'restored']);
  });

  it('are new ones when the window has lapsed', async () => {
    await seal(2);
    await move(0, 0);
    await world.enforce('restored');
    await world.notify();
    await move(1, WINDOW_MS / 1_000 + 1);
    await world.enforce('restored');
    await world.notify();
    expect((await world.incidents()).map(({ members }) => members)).toEqual([1, 1]);
    expect(changesOf('ops')).toEqual(['detected', 'restored', 'detected', 'restored']);
  });

  it('make two pages of an attacker who moves a tag every few seconds, and stay quiet', async () => {
    await seal(1);
    for (const round of range(12)) {
      await move(0, round * 5, { digest: others[round] });
      await world.enforce('restored');
      await world.record([
        { at: at(round * 5 + 2), tag: 'v1', repository: 'team/app0', digest: original.digest, actor: 'tagwarden' },
      ]);
      await world.notify();
    }
    expect((await world.incidents()).map(({ members }) => members)).toEqual([12]);
    expect(changesOf('ops')).toEqual(['detected', 'restored', 'detected', 'restored']);
  });

  it('tell the first that cannot be restored, and stay open with it', async () => {
    await seal(4);
    for (const index of range(4)) await move(index, index);
    await world.enforce('failed');
    await world.notify();
    expect(changesOf('ops')).toEqual(['detected', 'failed']);
    expect((await world.incidents())[0]?.closed_at).toBeNull();
  });

  it('tell of what is only audited beside what is put back', async () => {
    await seal(1);
    await seal(2, { tag: 'w1' });
    await move(0, 0, { tag: 'w1' });
    await move(0, 1);
    await move(1, 2, { tag: 'w1' });
    await world.enforce('restored');
    await world.notify();
    expect((await world.incidents()).map(({ members }) => members)).toEqual([3]);
    expect(changesOf('pager')).toEqual(['audited', 'detected']);
    expect(changesOf('ops')).toEqual(['detected']);
  });

  it('are closed after they were opened, whichever partition is read first', async () => {
    await seal(2);
    await move(0, 0);
    await move(1, 1);
    await world.enforce('restored');
    const changes = await world.announced();
    await world.tell(changes.filter(({ type }) => !type.endsWith('detected')));
    expect(changesOf('pager')).toEqual([]);
    await world.tell(changes.filter(({ type }) => type.endsWith('detected')));
    expect(changesOf('pager')).toEqual(['detected', 'restored']);
    expect(changesOf('ops')).toEqual(['detected', 'restored']);
  });

  it('are closed once where their last two violations are closed at the same time', async () => {
    for (const run of range(5)) {
      const registry = run % 2 === 0 ? 'one' : 'two';
      const repository = (index: number) => `race/${run}-${index}`;
      const both = (digest: string, actor: string, seconds: number) =>
        range(2).map((index) => ({
          at: at(seconds),
          tag: 'v1',
          repository: repository(index),
          registry,
          digest,
          actor,
        }));
      await world.record(both(original.digest, 'release', run * 3_600));
      await world.record(both(others[run]!, `actor ${run}`, run * 3_600 + 60));
      await world.enforce('restored');
      await world.notify();
      expect(changesOf('ops').slice(-2)).toEqual(['detected', 'restored']);
      expect(changesOf('ops')).toHaveLength(2 * (run + 1));
    }
    expect((await world.incidents()).every(({ closed_at }) => closed_at !== null)).toBe(true);
  });
});
