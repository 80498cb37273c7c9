import { afterEach, describe, expect, test } from '@jest/globals';
import { parseRegistryName, parseRepositoryName, type RegistryName, type RepositoryName } from '#domain';
import { createRegistryClients } from '#registries';
import { buildImage, FakeRegistry, type FakeRegistryOptions } from '#testing';
import { type CoveredPage, ReplayableRecord, type WindowPage } from '../ports/rule-replay.js';
import { type LivePage, LiveTags } from './list-live-tags.js';
import { tagSelectionOf } from './tag-selection.js';

/** Remembers repositories, and that nothing is sealed. */
class RecordOfNames extends ReplayableRecord {
  constructor(private readonly repositories: readonly string[]) {
    super();
  }

  override async listRepositories(): Promise<RepositoryName[]> {
    return this.repositories.map(parseRepositoryName);
  }

  override async findSealed(): Promise<ReadonlySet<string>> {
    return new Set();
  }

  override listCovered(): Promise<CoveredPage> {
    return Promise.reject(new Error('The registries were asked.'));
  }

  override walk(): AsyncIterable<WindowPage> {
    throw new Error('The registries were asked.');
  }
}

const LIMITS = { repositories: 50, names: 1_000, answerMs: 5_000 };
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(name: string, options: FakeRegistryOptions = {}) {
  const registry = await FakeRegistry.start(options);
  open.push({ close: () => registry.stop() });
  return { name: parseRegistryName(name), registry };
}

function liveTags(
  registries: readonly { name: RegistryName; registry: FakeRegistry }[],
  recorded: readonly string[] = [],
  limits: Partial<typeof LIMITS> = {},
): LiveTags {
  const clients = createRegistryClients(
    registries.map(({ name, registry }) => ({ name, kind: 'distribution', url: registry.url })),
    { retry: { attempts: 1, totalMs: 5_000, firstWaitMs: 1, maxWaitMs: 1 } },
  );
  open.push(clients);
  const names = registries.map(({ name }) => name);
  return new LiveTags(clients, new RecordOfNames(recorded), () => names, { ...LIMITS, ...limits });
}

const everything = tagSelectionOf({ name: 'everything', tags: { all: true } });
const namesOf = ({ tags }: LivePage) => tags.map(({ registry, repository, tag }) => `${registry}/${repository}:${tag}`);

async function everyPage(live: LiveTags, limit: number): Promise<LivePage[]> {
  const pages = [await live.list(everything, null, limit)];
  for (let end = pages[0]?.end ?? null; end !== null; end = pages.at(-1)?.end ?? null) {
    pages.push(await live.list(everything, end, limit));
  }
  return pages;
}

describe('Live tags', () => {
  test.each([
    ['one tag', 1, {}],
    ['two tags', 2, {}],
    ['one repository', 100, { repositories: 1 }],
    ['everything', 100, {}],
  ])('given pages of %s, every covered tag of every registry is found once', async (_, limit, limits) => {
    const [first, second] = [await start('one'), await start('two')];
    for (const { registry } of [second, first]) {
      await registry.push('team/b', 'v2', buildImage('x'));
      await registry.push('team/b', 'v1', buildImage('x'));
      await registry.push('team/a', 'v1', buildImage('x'));
    }
    const pages = await everyPage(liveTags([second, first], [], limits), limit);
    expect(pages.flatMap(namesOf)).toEqual(
      ['one', 'two'].flatMap((name) => [`${name}/team/a:v1`, `${name}/team/b:v1`, `${name}/team/b:v2`]),
    );
    for (const { tags } of pages) expect(tags.length).toBeLessThanOrEqual(limit);
  });

  test('given a registry that lists no repositories, the recorded ones are looked at, and the page says so', async () => {
    const hiding = await start('hiding', { hidesCatalog: true });
    for (const repository of ['team/recorded', 'team/unheard'])
      await hiding.registry.push(repository, 'v1', buildImage('x'));
    const page = await liveTags([hiding], ['team/recorded', 'team/gone']).list(everything, null, 10);
    expect(namesOf(page)).toEqual(['hiding/team/recorded:v1']);
    expect(page.problems).toEqual([
      { registry: 'hiding', message: expect.stringContaining('does not list its repositories') },
    ]);
  });

  test('given a registry that is down, the others are answered, and the page says so', async () => {
    const [down, up] = [await start('down'), await start('up')];
    await up.registry.push('team/app', 'v1', buildImage('x'));
    down.registry.down();
    const page = await liveTags([down, up]).list(everything, null, 10);
    expect(namesOf(page)).toEqual(['up/team/app:v1']);
    expect(page.problems).toEqual([{ registry: 'down', message: expect.stringContaining('could not be reached') }]);
  });

  test('given a registry that does not answer in time, the page says so', async () => {
    const slow = await start('slow');
    await slow.registry.push('team/app', 'v1', buildImage('x'));
    const held = slow.registry.hold('HEAD', 'v1');
    const page = await liveTags([slow], [], { answerMs: 500 }).list(everything, null, 10);
    held.release();
    expect(page.problems).toEqual([{ registry: 'slow', message: expect.stringContaining('did not answer within') }]);
  });

  test('given a registry with more names than are sorted in memory, the page says so', async () => {
    const large = await start('large');
    for (const tag of ['v1', 'v2', 'v3']) await large.registry.push('team/app', tag, buildImage('x'));
    const page = await liveTags([large], [], { names: 2 }).list(everything, null, 10);
    expect(page).toMatchObject({ tags: [], problems: [{ message: expect.stringContaining('more than 2 names') }] });
  });
});
