import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RulePreviewView } from '#contracts';
import { parseRegistryName } from '#domain';
import { createRegistryClients } from '#registries';
import { buildImage, FakeRegistry } from '#testing';
import { type Api, digestOf, eventOf, startApi } from '../api.fixture.js';

let api: Api;
beforeAll(async () => {
  api = await startApi();
  await api.record({
    events: [
      eventOf('pushed', 0, { tag: 'v1', digest: digestOf('a') }),
      eventOf('pushed', 0, { tag: 'rc', digest: digestOf('a') }),
      eventOf('pushed', 0, { tag: 'rc', repository: 'team/other', digest: digestOf('a') }),
      eventOf('pushed', 10, { tag: 'rc', digest: digestOf('b'), actor: 'lisa' }),
      eventOf('pushed', 20, { tag: 'rc', digest: digestOf('c'), actor: 'lisa' }),
      eventOf('manifestDeleted', 30, { digest: digestOf('c'), actor: 'bot' }),
      eventOf('pushed', 40, { tag: 'rc', digest: digestOf('a') }),
      eventOf('pushed', 50, { tag: 'v1', digest: digestOf('b'), actor: 'lisa' }),
      eventOf('tagDeleted', 60, { tag: 'rc', repository: 'team/other', actor: 'bot' }),
    ],
  });
});
afterAll(() => api.stop());

const second = (seconds: number) => new Date(Date.UTC(2026, 7, 20, 9, 0, seconds)).toISOString();
const rc = { name: 'candidates', tags: { matching: ['rc'] } };
const WINDOW = { from: second(5) };

async function preview(body: object): Promise<RulePreviewView> {
  const answer = await api.post('/api/v1/rules/preview', body);
  expect(answer.status).toBe(200);
  return answer.json() as Promise<RulePreviewView>;
}

describe('POST /api/v1/rules/preview', () => {
  it('shows the rule with its defaults, and what it covers now', async () => {
    const { rule, covers } = await preview({ rule: { name: 'every', tags: { all: true }, enabled: false } });
    expect(rule).toEqual({
      name: 'every',
      registries: ['*'],
      repositories: { matching: ['**'], excluding: [] },
      tags: { all: true, excluding: [] },
      mode: 'enforce',
      protect: ['overwrite', 'deletion'],
      guard: false,
      enabled: false,
    });
    const of = (repository: string, tag: string) => ({ registry: 'local', repository, tag });
    const releases = { id: expect.any(String), name: 'releases' };
    // team/other:rc is gone, and nothing has sealed it.
    expect(covers).toEqual({
      items: [
        { ...of('team/app', 'rc'), digest: digestOf('a'), sealed: false, coveredBy: null },
        { ...of('team/app', 'v1'), digest: digestOf('b'), sealed: true, coveredBy: releases },
      ],
      nextCursor: null,
      problems: [],
    });
  });

  it('pages what it covers', async () => {
    const body = { rule: { name: 'every', tags: { all: true } }, limit: 1 };
    const first = await preview(body);
    expect(first.covers?.items.map(({ tag }) => tag)).toEqual(['rc']);
    const second = await preview({ ...body, cursor: first.covers?.nextCursor, replay: false });
    expect(second.covers?.items.map(({ tag }) => tag)).toEqual(['v1']);
    expect(second.caught).toBeNull();
  });

  it('shows what it would have caught: which tags, which actors, how often', async () => {
    const { caught } = await preview({ rule: rc, window: WINDOW });
    const tag = { registry: 'local', repository: 'team/app', tag: 'rc' };
    expect(caught).toMatchObject({
      ...{ complete: true, coveredTags: 2, violations: 4, overwrites: 2, deletions: 2, uncertain: 0, waived: 0 },
      tags: [
        { ...tag, violations: 3, actors: ['lisa', 'bot'], lastAt: '2026-08-20T09:00:30.000000Z' },
        { ...tag, repository: 'team/other', violations: 1, actors: ['bot'] },
      ],
      actors: [
        { actor: 'bot', violations: 2, tags: 2 },
        { actor: 'lisa', violations: 2, tags: 1 },
      ],
      truncated: false,
      nextCursor: null,
    });
    expect(caught?.from).toBe('2026-08-20T09:00:05.000000Z');
  });

  it.each([
    ['from before the first push', { window: { from: second(-5), to: second(15) } }, 1, 0],
    ['only until the end of the window', { window: { from: second(5), to: second(20) } }, 1, 0],
    ['from what the tag pointed at when the window begins', { window: { from: second(15) } }, 2, 2],
    ['of overwrites alone', { window: WINDOW, rule: { ...rc, protect: ['overwrite'] } }, 2, 0],
    ['though the rule is disabled', { window: WINDOW, rule: { ...rc, enabled: false } }, 2, 2],
    ['in the last 30 days, where nothing has happened', {}, 0, 0],
  ])('counts %s', async (_, request, overwrites, deletions) => {
    const { caught } = await preview({ rule: rc, ...request });
    expect({ overwrites: caught?.overwrites, deletions: caught?.deletions }).toEqual({ overwrites, deletions });
  });

  it('goes on with the replay alone where a cursor says where it stopped', async () => {
    const first = await preview({ rule: { name: 'every', tags: { all: true } }, window: WINDOW, limit: 1 });
    const after = first.covers?.nextCursor;
    const rest = await preview({ rule: rc, window: WINDOW, replayCursor: after });
    expect(rest.covers).toBeNull();
    expect(rest.caught?.tags.map(({ repository }) => repository)).toEqual(['team/other']);
  });

  it('warns of patterns that do nothing, and of a rule that another one shadows', async () => {
    const inert = await preview({ rule: { name: 'inert', tags: { matching: ['rc,test'] } } });
    expect(inert.warnings).toEqual([
      expect.objectContaining({ code: 'inertPattern', path: 'tags.matching[0]', pattern: 'rc,test' }),
    ]);
    const rule = { name: 'releases', tags: { matching: ['v1*'] } };
    expect(inert.covers?.items).toEqual([]);
    const shadowed = await preview({ rule });
    expect(shadowed.warnings).toEqual([expect.objectContaining({ code: 'shadowed' })]);
    const id = shadowed.covers?.items[0]?.coveredBy?.id;
    expect((await preview({ rule, id })).warnings).toEqual([]);
  });

  it('names every malformed pattern and its position', async () => {
    const answer = await api.post('/api/v1/rules/preview', {
      rule: { name: 'bad', repositories: { matching: ['team/['] }, tags: { regex: ['v('], anchoring: 'full' } },
    });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      code: 'RULE_MALFORMED',
      errors: [
        { path: 'repositories.matching[0]', pattern: 'team/[', position: 5 },
        { path: 'tags.regex[0]', pattern: 'v(', position: 1 },
      ],
    });
  });

  it.each([
    [{ window: { from: second(5), to: second(5) } }, 'window.to', 'after from'],
    [{ window: { from: 'yesterday' } }, 'window.from', 'RFC 3339'],
    [{ limit: 0 }, 'limit', '1 to 500'],
    [{ cursor: 'rubbish' }, 'cursor', 'not a cursor'],
    [{ source: 'memory' }, 'source', 'record or registry'],
    [{ rules: [] }, 'rules', 'no such parameter'],
  ])('refuses %j', async (fields, path, sentence) => {
    const answer = await api.post('/api/v1/rules/preview', { rule: rc, ...fields });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ path, message: expect.stringContaining(sentence) }] });
  });

  it('leaves everything as it was', async () => {
    const count = () => api.sql('SELECT (SELECT count(*) FROM event) AS events, (SELECT count(*) FROM rule_revision)');
    const before = await count();
    await preview({ rule: rc, window: WINDOW });
    expect(await count()).toEqual(before);
  });
});

describe('A preview of what the registries have', () => {
  let registry: FakeRegistry;
  const clients: ReturnType<typeof createRegistryClients>[] = [];
  const reach = (url: string) => {
    const name = parseRegistryName('local');
    const created = createRegistryClients([{ name, kind: 'distribution', url }], {
      retry: { attempts: 1, totalMs: 1_000, firstWaitMs: 1, maxWaitMs: 1 },
    });
    clients.push(created);
    api.clients.known.set(name, created.get(name));
  };

  beforeAll(async () => {
    registry = await FakeRegistry.start();
    for (const [repository, tag] of [
      ['team/app', 'v1'],
      ['team/app', 'v2'],
      ['team/app', 'dev'],
      ['team/unheard', 'v1'],
      ['sandbox', 'v1'],
    ] as const)
      await registry.push(repository, tag, buildImage(tag));
    reach(registry.url);
  });
  afterAll(async () => {
    await Promise.all(clients.map((one) => one.close()));
    await registry.stop();
  });

  const rule = { name: 'live', repositories: { matching: ['team/*'] }, tags: { matching: ['v*'] } };

  it('lists live tags, also those that no event has told of', async () => {
    const { covers } = await preview({ rule, source: 'registry', replay: false });
    const of = (repository: string, tag: string) => ({ registry: 'local', repository, tag });
    expect(covers?.items).toEqual([
      expect.objectContaining({ ...of('team/app', 'v1'), digest: buildImage('v1').digest, sealed: true }),
      expect.objectContaining({ ...of('team/app', 'v2'), digest: buildImage('v2').digest, sealed: false }),
      expect.objectContaining({ ...of('team/unheard', 'v1'), digest: buildImage('v1').digest, sealed: false }),
    ]);
    expect(covers).toMatchObject({ nextCursor: null, problems: [] });
  });

  it('pages them, and asks for no digest that it does not answer', async () => {
    const tags: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const before = registry.calls.length;
      const { covers } = await preview({ rule, source: 'registry', replay: false, limit: 1, cursor });
      const heads = registry.calls.slice(before).filter(({ method }) => method === 'HEAD');
      expect(heads).toHaveLength(covers?.items.length ?? 0);
      tags.push(...(covers?.items.map(({ repository, tag }) => `${repository}:${tag}`) ?? []));
      cursor = covers?.nextCursor ?? null;
    }
    expect(tags).toEqual(['team/app:v1', 'team/app:v2', 'team/unheard:v1']);
  });

  it('tells of a registry that cannot be reached, and answers the rest', async () => {
    registry.down();
    const { covers, caught } = await preview({ rule, source: 'registry' });
    registry.up();
    expect(covers?.items).toEqual([]);
    expect(covers?.problems).toEqual([{ registry: 'local', message: expect.stringContaining('could not be reached') }]);
    expect(caught).not.toBeNull();
  });
});
