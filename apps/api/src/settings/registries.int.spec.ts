import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page, RegistryView, RuleView, SealingView, SweepView } from '#contracts';
import { type Api, digestOf, eventOf, startApi } from '../api.fixture.js';

const RUN = '00000000-0000-8000-8000-000000000001';
const PATH = '/api/v1/registries/local';

describe('The sweep of a registry, over HTTP', () => {
  let api: Api;
  let ruleId: string;
  beforeAll(async () => {
    api = await startApi();
    ruleId = (await api.get<Page<RuleView>>('/api/v1/rules')).items[0]?.id ?? '';
  });
  afterAll(() => api.stop());

  const sealing = () => api.get<SealingView>(`/api/v1/rules/${ruleId}/sealing`);

  it('is shown with the registry, also before there was one, and without its secrets', async () => {
    const registry = await api.get<RegistryView>(PATH);
    expect(registry).toEqual({
      name: 'local',
      kind: 'zot',
      url: 'http://zot',
      webhookPath: '/hooks/local',
      origin: 'file',
      definition: {
        kind: 'zot',
        url: 'http://zot',
        sweep: { every: '300s', repositories: [], requestsPerSecond: 50, concurrency: 4 },
        timeout: '30s',
      },
      secrets: ['webhook.token'],
      unreadable: null,
      sweep: { everySeconds: 300, nextAt: null, pending: null, running: null, last: null },
      canary: null,
      deaf: null,
    });
    expect(await api.get('/api/v1/registries')).toEqual({ items: [registry], nextCursor: null });
    expect(await sealing()).toMatchObject({
      rule: { id: ruleId, name: 'releases' },
      sealed: 0,
      waiting: 0,
      done: false,
    });
  });

  it('is asked for by a person, and written into the audit trail', async () => {
    const answer = await api.post(`${PATH}/sweep`);
    expect(answer.status).toBe(202);
    expect((await answer.json()) as SweepView).toMatchObject({ pending: 'hand', running: null });
    const { items } = await api.get<Page<object>>('/api/v1/events?type=sweepRequested');
    expect(items).toEqual([
      expect.objectContaining({ registry: 'local', repository: null, actor: expect.any(String), source: 'api' }),
    ]);
  });

  it('shows how far it is, what is waiting, and that it is to be done again', async () => {
    await api.sql('UPDATE sweep SET run_id = $1, next_at = NULL', [RUN]);
    await api.sql(
      `INSERT INTO sweep_run (id, registry, cause, started_at, repositories, repositories_done, tags) VALUES ($1, 'local', 'hand', now(), 0, 0, 0)`,
      [RUN],
    );
    expect((await api.get<RegistryView>(PATH)).sweep.running).toMatchObject({ cause: 'hand', repositories: null });
    await api.sql(
      `UPDATE sweep_run SET listed_at = now(), coverage = 'catalog', repositories = 3, repositories_done = 1, tags = 5`,
    );
    await api.sql(
      `INSERT INTO sweep_repository (run_id, registry, repository, tags, differences) VALUES ($1, 'local', 'a', 7, 2), ($1, 'local', 'b', 0, 0)`,
      [RUN],
    );
    await api.post(`${PATH}/sweep`);
    const { sweep } = await api.get<RegistryView>(PATH);
    expect(sweep).toMatchObject({
      nextAt: null,
      pending: 'hand',
      running: { repositories: 3, repositoriesDone: 1, tags: 12, differences: 2 },
    });
    await api.sql(
      `INSERT INTO observation (tag_id, registry, repository, tag, next_at)
       VALUES (gen_random_uuid(), 'local', 'team/app', 'v1', now()), (gen_random_uuid(), 'local', 'team/app', 'latest', now())`,
    );
    expect(await sealing()).toMatchObject({
      waiting: 1,
      done: false,
      sweeps: [{ registry: 'local', pending: 'hand' }],
    });
  });

  it('is over: the rule has sealed what it covers', async () => {
    await api.record({ events: [eventOf('pushed', 0, { tag: 'v1', digest: digestOf('one') }) as never] });
    await api.sql('DELETE FROM sweep_repository');
    await api.sql('DELETE FROM observation');
    await api.sql('UPDATE sweep_run SET finished_at = now(), tags = 12');
    await api.sql(
      "UPDATE sweep SET run_id = NULL, next_at = now() + interval '5 minutes', cause = 'schedule', again_cause = NULL",
    );
    const { sweep } = await api.get<RegistryView>(PATH);
    expect(sweep).toMatchObject({ pending: null, running: null, last: { tags: 12, coverage: 'catalog', failures: 0 } });
    expect(sweep.nextAt).not.toBeNull();
    expect(await sealing()).toMatchObject({ sealed: 1, waiting: 0, done: true });
  });

  it('is not done for a rule that has changed since', async () => {
    const [before] = await api.sql('SELECT rules FROM rule_revision ORDER BY id DESC LIMIT 1');
    const changed = before.rules.map((rule: { definition: object }) => ({
      ...rule,
      definition: { ...rule.definition, tags: { matching: ['v*', 'w*'] } },
    }));
    const insert = `INSERT INTO rule_revision (effective_from, rules, author, created_at) VALUES (now() - $2 * interval '1 second', $1, 'spec', now())`;
    await api.sql(insert, [JSON.stringify(changed), 0]);
    await api.sql('UPDATE ruling SET version = version + 1');
    expect(await sealing()).toMatchObject({ done: false });
    // A revision that leaves this rule as it is asks for no new sweep.
    await api.sql('UPDATE sweep_run SET started_at = now()');
    await api.sql(insert, [JSON.stringify(changed), -1]);
    await api.sql('UPDATE ruling SET version = version + 1');
    expect(await sealing()).toMatchObject({ done: true });
  });

  it.each([
    ['GET', '/api/v1/registries/gone', 'REGISTRY_UNKNOWN'],
    ['POST', '/api/v1/registries/gone/sweep', 'REGISTRY_UNKNOWN'],
    ['GET', '/api/v1/rules/gone/sealing', 'RULE_UNKNOWN'],
  ])('%s %s is not there', async (method, path, code) => {
    const answer = await api.request(path, { method });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code });
  });
});
