import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { observationOf } from '#application';
import { instantOf, parseDigest, parseRegistryName, parseRepositoryName, parseTagName, type TagRef } from '#domain';
import { requestSweeps } from '#persistence';
import { buildImage, type FakeRegistryOptions, type TestImage } from '#testing';
import { type SweeperWorld, startSweeperWorld } from './sweeper.fixture.js';

const V = { name: 'versions', repositories: { matching: ['team/**'] }, tags: { matching: ['v*'] } };
const [original, other] = [buildImage('original'), buildImage('other')];

const ref = (repository: string, tag: string): TagRef => ({
  registry: parseRegistryName('one'),
  repository: parseRepositoryName(repository),
  tag: parseTagName(tag),
});
const headOf = ({ digest, mediaType }: TestImage) => ({ digest: parseDigest(digest), mediaType });

describe('The sweeper', () => {
  let world: SweeperWorld;
  const start = async (rules = [V], options: FakeRegistryOptions = {}) => {
    world = await startSweeperWorld(rules, options);
    return world;
  };
  afterEach(() => world.stop());

  const tags = () =>
    world.sql<{ name: string; digest: string | null; seal: string | null }>(
      `SELECT repository || ':' || tag AS name, digest, seal_digest AS seal FROM tag ORDER BY 1`,
    );
  const violations = () =>
    world.sql<{ tag: string; kind: string }>('SELECT tag, kind FROM violation WHERE ended_at IS NULL ORDER BY tag');
  const request = () => requestSweeps((sql, values) => world.dataSource.query(sql, values), ['one'], 'hand');

  test('seals what exists, of covered repositories and tags alone, at the live digest', async () => {
    const { registry } = await start();
    await registry.push('team/app', 'v1', original);
    await registry.push('team/app', 'latest', other);
    await registry.push('else/app', 'v1', other);
    await world.startSweeper({ everyMs: 1_000 });
    const last = await world.sweptOnce();
    expect(last).toMatchObject({ cause: 'schedule', coverage: 'catalog', repositories: 1, tags: 1, failures: 0 });
    expect(await tags()).toEqual([{ name: 'team/app:v1', digest: original.digest, seal: original.digest }]);
    expect(registry.calls.filter(({ method, path }) => method === 'GET' && path.includes('/manifests/'))).toEqual([]);
    expect(registry.calls.some(({ path }) => path.includes('else/app') || path.includes('latest'))).toBe(false);
  });

  test('finds an overwrite and a deletion that nothing told of', async () => {
    const { registry } = await start();
    for (const tag of ['v1', 'v2', 'v3']) await registry.push('team/app', tag, original);
    await world.startSweeper({ everyMs: 1_000 });
    await world.sweptOnce();
    await registry.push('team/app', 'v1', other);
    registry.deleteReference('team/app', 'v2');
    await request();
    expect(await world.sweptOnce()).toMatchObject({ cause: 'hand', tags: 3, differences: 2 });
    expect(await violations()).toEqual([
      { tag: 'v1', kind: 'overwrite' },
      { tag: 'v2', kind: 'deletion' },
    ]);
    expect(world.said).toContainEqual(
      expect.stringMatching(/^one: all 3 tags of 1 repository checked in \d+ s; 2 differed\.$/),
    );
    const told = world.bus.events.length;
    await request();
    expect(await world.sweptOnce()).toMatchObject({ differences: 0 });
    expect(world.bus.events).toHaveLength(told);
  });

  test('says nothing of what a notification tells before the second look', async () => {
    const { registry } = await start();
    await registry.push('team/app', 'v1', original);
    await world.startSweeper({ everyMs: 1_000 });
    await world.sweptOnce();
    await registry.push('team/app', 'v1', other);
    world.waiting.meanwhile = () =>
      world.record(observationOf(ref('team/app', 'v1'), headOf(other), instantOf(Date.now())));
    await request();
    expect(await world.sweptOnce()).toMatchObject({ differences: 0 });
    expect(world.bus.events).toHaveLength(1);
  });

  test('does without a catalog: what was recorded and what is configured', async () => {
    const { registry } = await start([V], { hidesCatalog: true });
    for (const name of ['recorded', 'configured', 'unknown']) await registry.push(`team/${name}`, 'v1', original);
    await world.record(observationOf(ref('team/recorded', 'v1'), headOf(other), instantOf(Date.now() - 1_000)));
    await world.startSweeper({ everyMs: 1_000, repositories: ['team/configured'] });
    expect(await world.sweptOnce()).toMatchObject({ coverage: 'known', repositories: 2, differences: 2, failures: 0 });
    expect((await tags()).map(({ name, digest }) => [name, digest])).toEqual([
      ['team/configured:v1', original.digest],
      ['team/recorded:v1', original.digest],
    ]);
  });

  test('two sweepers share the repositories, and check none twice', async () => {
    const { registry } = await start();
    const names = Array.from({ length: 40 }, (_, n) => `team/app-${String(n).padStart(2, '0')}`);
    for (const name of names) for (const tag of ['v1', 'v2']) await registry.push(name, tag, original);
    await Promise.all([world.startSweeper({ everyMs: 1_000 }), world.startSweeper({ everyMs: 1_000 })]);
    expect(await world.sweptOnce()).toMatchObject({ repositories: 40, tags: 80, differences: 80 });
    const lists = registry.calls.filter(({ path }) => path.includes('/tags/list'));
    expect(lists).toHaveLength(40);
    expect(await world.sql('SELECT FROM sweep_run')).toHaveLength(1);
    expect(await world.sql('SELECT FROM sweep_repository')).toEqual([]);
  });

  test('goes on where one that died stopped', async () => {
    const { registry } = await start();
    for (const name of ['team/a', 'team/b']) await registry.push(name, 'v1', original);
    await world.sql(
      `INSERT INTO sweep (registry, next_at, cause, run_id) VALUES ('one', NULL, 'rules', '00000000-0000-8000-8000-000000000001')`,
    );
    await world.sql(
      `INSERT INTO sweep_run (id, registry, cause, started_at, listed_at, coverage, repositories, repositories_done, tags)
       VALUES ('00000000-0000-8000-8000-000000000001', 'one', 'rules', now(), now(), 'catalog', 2, 1, 1)`,
    );
    await world.sql(
      `INSERT INTO sweep_repository (run_id, registry, repository, next_at, lease_until, attempts, claims)
       VALUES ('00000000-0000-8000-8000-000000000001', 'one', 'team/b', now(), now() + interval '700 milliseconds', 1, 1)`,
    );
    await world.startSweeper();
    await sleep(300);
    expect((await world.standing()).running).toMatchObject({ cause: 'rules', repositories: 2, repositoriesDone: 1 });
    expect(await world.sweptOnce()).toMatchObject({ cause: 'rules', repositories: 2, tags: 2 });
    expect((await tags()).map(({ name }) => name)).toEqual(['team/b:v1']);
  });

  test('hands its repositories back when it is stopped, and another finishes the sweep', async () => {
    const { registry } = await start();
    for (let n = 0; n < 40; n += 1) await registry.push('team/app', `v${n}`, original);
    const first = await world.startSweeper({ everyMs: 1_000, requestsPerSecond: 20 });
    await world.eventually('it is at it', () => registry.calls.some(({ method }) => method === 'HEAD'));
    await first.beforeApplicationShutdown();
    expect(await world.sql('SELECT attempts, lease_until FROM sweep_repository')).toEqual([
      { attempts: 0, lease_until: null },
    ]);
    await world.startSweeper();
    expect(await world.sweptOnce()).toMatchObject({ tags: 40, failures: 0 });
  });

  test('is done again at once where somebody asked while it ran', async () => {
    const { registry } = await start();
    await registry.push('team/app', 'v1', original);
    const sweptOnce = world.sweptOnce();
    await world.startSweeper({ everyMs: 1_000 });
    await world.eventually('it runs', async () => (await world.standing()).running !== null);
    await request();
    const first = await sweptOnce;
    await world.eventually('another has finished', async () => (await world.standing()).last?.cause === 'hand');
    expect(first.cause).toBe('schedule');
    const { nextAt, pending } = await world.standing();
    expect(pending).toBeNull();
    expect(nextAt).not.toBeNull();
  });

  test('waits for a registry that is down, and goes on when it is back', async () => {
    const { registry } = await start();
    for (const name of ['team/a', 'team/b']) await registry.push(name, 'v1', original);
    await world.startSweeper();
    await request();
    await world.sweptOnce();
    await registry.push('team/a', 'v1', other);
    await world.sql(
      `WITH run AS (INSERT INTO sweep_run (id, registry, cause, started_at, listed_at, coverage, repositories)
         VALUES (gen_random_uuid(), 'one', 'hand', now(), now(), 'catalog', 2) RETURNING id),
       repositories AS (INSERT INTO sweep_repository (run_id, registry, repository, next_at)
         SELECT id, 'one', name, now() FROM run, unnest(ARRAY['team/a', 'team/b']) AS r (name))
       UPDATE sweep SET run_id = run.id, next_at = NULL, cause = 'hand' FROM run`,
    );
    registry.down();
    await world.eventually('it says that it waits', async () => (await world.standing()).running?.error != null);
    expect((await world.standing()).running).toMatchObject({ repositoriesDone: 0 });
    registry.up();
    await world.sql(
      `WITH due AS (UPDATE sweep_repository SET next_at = now()) SELECT pg_notify('tagwarden_sweep', '')`,
    );
    expect(await world.sweptOnce()).toMatchObject({ failures: 0, error: null, differences: 1 });
  });

  test('counts a repository that it may not read, and finishes', async () => {
    const { registry } = await start();
    for (const tag of ['v1', 'v2', 'v3']) await registry.push('team/app', tag, original);
    await world.startSweeper();
    await request();
    await world.sweptOnce();
    registry.failNext(401);
    registry.failNext(403);
    await request();
    const last = await world.sweptOnce();
    expect(last).toMatchObject({ coverage: 'known', repositories: 1, tags: 3, failures: 1 });
    expect(last.error).toContain('403');
  });
});
