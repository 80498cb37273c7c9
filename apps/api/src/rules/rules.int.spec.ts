import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventView, Page, Problem, RuleView } from '#contracts';
import { type Api, startApi } from '../api.fixture.js';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api?.stop());

const send = (method: string, path: string, body?: unknown) =>
  api.request(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  });
const create = async (body: unknown) => (await (await send('POST', '/api/v1/rules', body)).json()) as RuleView;
const explain = (tag: string) =>
  api.get<{ immutable: boolean; rule: { name: string } | null }>(
    `/api/v1/explain?registry=local&repository=team/app&tag=${tag}`,
  );
const trail = async (type: string) => (await api.get<Page<EventView>>(`/api/v1/events?type=${type}`)).items;

describe('Rules that people manage', () => {
  it('hold from when they are made, with every default spelled out', async () => {
    const answer = await send('POST', '/api/v1/rules', { name: 'candidates', tags: { matching: ['rc-*'] } });
    expect(answer.status).toBe(201);
    const rule = (await answer.json()) as RuleView;
    expect(rule).toEqual({
      id: expect.any(String),
      origin: 'api',
      name: 'candidates',
      registries: ['*'],
      repositories: { matching: ['**'], excluding: [] },
      tags: { matching: ['rc-*'], excluding: [] },
      mode: 'enforce',
      protect: ['overwrite', 'deletion'],
      guard: false,
      enabled: true,
    });
    expect(await api.get(`/api/v1/rules/${rule.id}`)).toEqual(rule);
    expect(await explain('rc-1')).toMatchObject({ immutable: true, rule: { name: 'candidates' } });
  });

  it('keep a guard where they ask for it', async () => {
    const rule = await create({ name: 'kept safe', tags: { matching: ['safe-*'] }, guard: true });
    expect(await api.get(`/api/v1/rules/${rule.id}`)).toMatchObject({ name: 'kept safe', guard: true });
  });

  it('are replaced in their place, and deleted, each with who, before and after in the audit trail', async () => {
    const rule = await create({ name: 'nightlies', tags: { matching: ['nightly-*'] } });
    const before = { name: 'nightlies', mode: 'enforce' };
    const replaced = await send('PUT', `/api/v1/rules/${rule.id}`, { ...before, mode: 'audit', tags: { all: true } });
    expect(await replaced.json()).toMatchObject({ id: rule.id, mode: 'audit', tags: { all: true } });
    expect((await send('DELETE', `/api/v1/rules/${rule.id}`)).status).toBe(204);
    expect((await api.request(`/api/v1/rules/${rule.id}`)).status).toBe(404);
    const after = { name: 'nightlies', mode: 'audit' };
    const detailsOf = async (type: string) =>
      (await trail(type))
        .filter(({ detail }) => detail?.ruleId === rule.id)
        .map(({ actor, detail }) => ({ actor, ...detail }));
    expect(await detailsOf('ruleCreated')).toMatchObject([{ actor: 'admin', before: null, after: before }]);
    expect(await detailsOf('ruleChanged')).toMatchObject([{ actor: 'admin', before, after }]);
    expect(await detailsOf('ruleDeleted')).toMatchObject([{ actor: 'admin', before: after, after: null }]);
  });

  it('that are put as they were are no change', async () => {
    const rule = await create({ name: 'same', tags: { matching: ['same'] } });
    const count = async () => (await trail('ruleChanged')).length;
    const before = await count();
    const { id, origin: _, ...definition } = rule;
    expect((await send('PUT', `/api/v1/rules/${id}`, definition)).status).toBe(200);
    expect(await count()).toBe(before);
  });

  it('that are switched off free their tags at once', async () => {
    const rule = await create({ name: 'switch', tags: { matching: ['switch-*'] } });
    expect(await explain('switch-1')).toMatchObject({ immutable: true });
    await send('PUT', `/api/v1/rules/${rule.id}`, { name: 'switch', tags: { matching: ['switch-*'] }, enabled: false });
    expect(await explain('switch-1')).toMatchObject({ immutable: false });
  });

  it('of the file are read-only here', async () => {
    const { items } = await api.get<Page<RuleView>>('/api/v1/rules');
    const { id } = items.find(({ origin }) => origin === 'file') as RuleView;
    for (const answer of [
      await send('PUT', `/api/v1/rules/${id}`, { name: 'releases', tags: { all: true } }),
      await send('DELETE', `/api/v1/rules/${id}`),
    ]) {
      expect(answer.status).toBe(409);
      expect(await answer.json()).toMatchObject({
        code: 'RULE_OWNED_BY_FILE',
        detail: expect.stringContaining('file'),
      });
    }
  });

  it('have names of their own', async () => {
    const taken = await send('POST', '/api/v1/rules', { name: 'releases', tags: { all: true } });
    expect([taken.status, ((await taken.json()) as Problem).code]).toEqual([409, 'RULE_NAME_TAKEN']);
  });

  it.each<[string, unknown, number, string]>([
    ['a malformed glob', { name: 'bad', tags: { matching: ['v*', '{a'] } }, 422, 'position 0'],
    ['a malformed regex', { name: 'bad', tags: { regex: ['v('], anchoring: 'full' } }, 422, 'position 1'],
    ['an empty list', { name: 'bad', tags: { matching: [] } }, 422, 'An empty list matches nothing'],
    ['two ways at once', { name: 'bad', tags: { matching: ['a'], all: true } }, 400, 'exactly one of'],
    ['a regex without anchoring', { name: 'bad', tags: { regex: ['a'] } }, 400, 'anchoring'],
    ['an unknown key', { name: 'bad', tags: { all: true }, mod: 'audit' }, 400, 'mod: There is no such'],
    ['no name', { tags: { all: true } }, 400, 'name: It is required'],
    ['no body', undefined, 400, 'JSON object'],
  ])('are refused with %s, and nothing is saved', async (_, body, status, sentence) => {
    const answer = await send('POST', '/api/v1/rules', body);
    const problem = (await answer.json()) as Problem;
    expect([answer.status, problem.detail]).toEqual([status, expect.stringContaining(sentence)]);
    const { items } = await api.get<Page<RuleView>>('/api/v1/rules?limit=500');
    expect(items.filter(({ name }) => name === 'bad')).toEqual([]);
  });

  it('name the pattern and its position where one is malformed', async () => {
    const answer = await send('POST', '/api/v1/rules', { name: 'bad', tags: { matching: ['v*', '{a'] } });
    expect(await answer.json()).toMatchObject({
      code: 'RULE_MALFORMED',
      errors: [{ path: 'tags.matching[1]', pattern: '{a', position: 0 }],
    });
  });

  it('made at the same time are all kept', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `parallel-${index}`);
    await Promise.all(names.map((name) => create({ name, tags: { matching: [name] } })));
    const { items } = await api.get<Page<RuleView>>('/api/v1/rules?limit=500');
    expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  });
});

describe("Another system's rules", () => {
  const harbor = {
    format: 'harbor',
    registry: 'local',
    scope: { project: 'team' },
    settings: [
      {
        id: 1,
        disabled: false,
        action: 'immutable',
        template: 'immutable_template',
        tag_selectors: [{ kind: 'doublestar', decoration: 'matches', pattern: 'stable-*' }],
        scope_selectors: { repository: [{ kind: 'doublestar', decoration: 'repoMatches', pattern: '**' }] },
      },
    ],
  };
  const imported = async (body: unknown) => {
    const answer = await send('POST', '/api/v1/rules/import', body);
    return {
      status: answer.status,
      body: (await answer.json()) as { rules: RuleView[]; saved: unknown[]; code?: string },
    };
  };

  it('are shown, and saved only where that is asked for', async () => {
    const shown = await imported(harbor);
    expect(shown).toMatchObject({ status: 200, body: { saved: [], notExpressed: [] } });
    expect(shown.body.rules).toMatchObject([
      { repositories: { matching: ['team/**'] }, tags: { matching: ['stable-*'] }, registries: ['local'] },
    ]);
    expect(await explain('stable-1')).toMatchObject({ immutable: false });
    const saved = await imported({ ...harbor, save: true });
    expect(saved.body.saved).toHaveLength(1);
    expect(await explain('stable-1')).toMatchObject({ immutable: true });
  });

  it('are saved all or none', async () => {
    expect(await imported({ ...harbor, save: true })).toMatchObject({ status: 409, body: { code: 'RULE_NAME_TAKEN' } });
  });

  it('that are none of theirs are refused with the place', async () => {
    expect(await imported({ ...harbor, settings: [{ tag_selectors: 'all' }] })).toMatchObject({
      status: 422,
      body: { code: 'RULE_IMPORT_MALFORMED' },
    });
  });
});
