import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { InstalledSubscriptionView, Page, Problem, RegistryView, SubscriptionView } from '#contracts';
import { CHANNELS, deriveSecretKey, PgRegistryKeeping } from '#persistence';
import { CurrentRegistries, loadStoredRegistry } from '#platform';
import { KNOWN_KINDS } from '#registries';
import { FakeRegistry, type FakeRegistryOptions } from '#testing';
import { type Api, digestOf, eventOf, KEY, startApi } from '../api.fixture.js';

const PATH = '/api/v1/registries';
const PASSWORD = 'correct-horse-battery';
const HOOK_TOKEN = 'hook-token-of-the-spec';
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const SECRETS = [PASSWORD, HOOK_TOKEN];

describe('Registries that people manage, over HTTP', () => {
  let api: Api;
  let registry: FakeRegistry;
  const answers: string[] = [];
  beforeAll(async () => {
    api = await startApi();
    registry = await FakeRegistry.start({ auth: { type: 'basic', username: 'ci', password: PASSWORD } });
  });
  afterAll(async () => {
    await registry.stop();
    await api.stop();
  });
  beforeEach(() => {
    answers.length = 0;
  });
  afterEach(async () => {
    await api.sql('DELETE FROM registry');
    await api.registries.refresh();
    // Whatever was answered, shown or written down: no secret was in it.
    const trail = JSON.stringify(await api.sql('SELECT * FROM event'));
    for (const secret of SECRETS) expect([...answers, trail].filter((text) => text.includes(secret))).toEqual([]);
  });

  const send = async <T = Problem>(method: string, path: string, body?: unknown) => {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
    const answer = await api.request(`${PATH}${path}`, { method, ...init });
    const text = await answer.text();
    answers.push(text);
    return { status: answer.status, body: (text === '' ? null : JSON.parse(text)) as T };
  };
  const definition = (over: Record<string, unknown> = {}) => ({
    name: 'edge',
    kind: 'distribution',
    url: registry.url,
    username: 'ci',
    password: PASSWORD,
    webhook: { token: HOOK_TOKEN },
    ...over,
  });
  const add = async (over: Record<string, unknown> = {}, query = '') => {
    const added = await send<RegistryView>('POST', query, definition(over));
    expect([added.status, added.body]).toEqual([201, expect.anything()]);
    return added.body;
  };
  /** As another process reads it, secrets included. */
  const stored = () => {
    const found = api.registries.find('edge');
    if (found === null) throw new Error('It is not known.');
    const { credentials, webhook } = found;
    const password = credentials?.type === 'basic' ? credentials.password.reveal() : null;
    return { password, token: webhook.token?.reveal() ?? null, secret: webhook.secret?.reveal() ?? null };
  };
  const eventTypes = async () =>
    (await api.get<Page<{ type: string; actor: string }>>('/api/v1/events?registry=edge')).items.map(
      ({ type, actor }) => `${type} by ${actor}`,
    );

  it('are added, shown without secrets, and known at once', async () => {
    expect(await add({ sweep: { every: '10m' } })).toMatchObject({
      name: 'edge',
      kind: 'distribution',
      origin: 'api',
      webhookPath: '/hooks/edge',
      definition: { kind: 'distribution', url: registry.url, username: 'ci', sweep: { every: '10m' } },
      secrets: ['password', 'webhook.token'],
      unreadable: null,
      sweep: { everySeconds: 600, pending: 'hand' },
    });
    const { items } = (await send<Page<RegistryView>>('GET', '')).body;
    expect(items.map(({ name, origin }) => [name, origin])).toEqual([
      ['edge', 'api'],
      ['local', 'file'],
    ]);
    expect(stored()).toEqual({ password: PASSWORD, token: HOOK_TOKEN, secret: null });
    expect((await eventTypes())[0]).toBe('registryCreated by admin');
    const [row] = await api.sql('SELECT definition, secrets FROM registry');
    for (const secret of SECRETS) {
      expect(row.secrets.includes(secret)).toBe(false);
      expect(JSON.stringify(row.definition)).not.toContain(secret);
    }
  });

  it.each([
    ['an unknown kind', { kind: 'harbour' }, 'kind', 'no such kind'],
    ['no url', { url: undefined }, 'url', 'missing'],
    ['a password for nobody', { username: undefined }, '', 'needs a username'],
    ['no webhook secret', { webhook: {} }, 'webhook', 'Add webhook.token'],
    ['a number for a password', { password: 5 }, 'password', 'must be text'],
    ['an unknown key', { colour: 'red' }, 'colour', 'no such key'],
    [
      'a variable of the machine',
      { password: undefined, passwordEnv: 'HOME' },
      'passwordEnv',
      'only the configuration file',
    ],
    ['a file of the machine', { tls: { caFile: '/etc/passwd' } }, 'tls.caFile', 'only the configuration file'],
    [
      'a file of the machine by a key of its kind',
      { kind: 'ecr', containerTokenPath: '/etc/passwd' },
      'containerTokenPath',
      'only',
    ],
    ['a machine’s credentials', { url: 'http://169.254.169.254' }, 'url', 'tells this machine its credentials'],
    ['the same, in IPv6', { url: 'http://[fe80::1]/' }, 'url', 'tells this machine its credentials'],
    ['the same, wrapped', { url: 'http://[::ffff:169.254.169.254]/' }, 'url', 'tells this machine its credentials'],
    ['the same, as a number', { url: 'http://2852039166/' }, 'url', 'tells this machine its credentials'],
    [
      'the same, by a key of its kind',
      { kind: 'gitlab', apiUrl: 'http://169.254.170.2/' },
      'apiUrl',
      'tells this machine',
    ],
  ])('are refused with %s', async (_, over, path, sentence) => {
    const { status, body } = await send('POST', '', definition(over));
    expect([status, body.code]).toEqual([422, 'REGISTRY_INVALID']);
    expect(body.errors).toContainEqual({ path, message: expect.stringContaining(sentence) });
    expect(await api.sql('SELECT name FROM registry')).toEqual([]);
  });

  it('are asked whether they take the credentials, unless somebody says not to', async () => {
    const wrong = definition({ password: 'something else' });
    const denied = await send('POST', '', wrong);
    expect([denied.status, denied.body.code]).toEqual([422, 'REGISTRY_CREDENTIALS_REFUSED']);
    const away = await send('POST', '', definition({ url: 'http://127.0.0.1:9' }));
    expect([away.status, away.body.code]).toEqual([502, 'REGISTRY_CHECK_FAILED']);
    expect(away.body.detail).toContain('check=false');
    expect(await api.sql('SELECT name FROM registry')).toEqual([]);
    expect((await send('POST', '?check=false', wrong)).status).toBe(201);
    expect((await send('POST', '?check=perhaps', wrong)).status).toBe(400);
  });

  it('have names of their own, and those of the file stay the file’s', async () => {
    await add();
    expect((await send('POST', '', definition())).body.code).toBe('REGISTRY_EXISTS');
    expect((await send('POST', '', definition({ name: 'local' }))).body.code).toBe('REGISTRY_EXISTS');
    for (const [method, body] of [
      ['PUT', definition({ name: undefined })],
      ['DELETE', undefined],
    ] as const) {
      const refused = await send(method, '/local', body);
      expect([refused.status, refused.body.code]).toEqual([409, 'REGISTRY_OWNED_BY_FILE']);
      expect((await send(method, '/gone', body)).status).toBe(404);
    }
    expect((await send('PUT', '/edge', definition({ name: 'other' }))).body.errors).toMatchObject([{ path: 'name' }]);
  });

  it('keep the secrets that a change leaves out', async () => {
    await add();
    const changed = await send<RegistryView>('PUT', '/edge', {
      kind: 'distribution',
      url: registry.url,
      username: 'ci',
      sweep: { every: '1h' },
    });
    expect([changed.status, changed.body.sweep.everySeconds]).toEqual([200, 3_600]);
    expect(stored()).toEqual({ password: PASSWORD, token: HOOK_TOKEN, secret: null });
    expect((await eventTypes())[0]).toBe('registryChanged by admin');
  });

  it('lose those that are sent as null', async () => {
    await add();
    const anonymous = { password: null, username: undefined, webhook: undefined };
    expect((await send('PUT', '/edge?check=false', definition(anonymous))).status).toBe(200);
    expect(stored()).toEqual({ password: null, token: HOOK_TOKEN, secret: null });
    const { status, body } = await send('PUT', '/edge?check=false', definition({ webhook: { token: null } }));
    expect([status, body.errors]).toEqual([422, [expect.objectContaining({ path: 'webhook' })]]);
  });

  it.each([
    ['another host', { url: 'http://127.0.0.1:9/' }],
    ['another kind', { kind: 'gitlab' }],
    ['another authority', { tls: { ca: 'PEM' } }],
  ])('never take a password along to %s', async (_, over) => {
    await add();
    const body = definition({ password: undefined, webhook: undefined, ...over });
    const { status, body: problem } = await send('PUT', '/edge?check=false', body);
    expect([status, problem.errors]).toEqual([422, [expect.objectContaining({ path: 'password' })]]);
    expect((await send('PUT', '/edge?check=false', { ...body, password: PASSWORD })).status).toBe(200);
    expect(stored()).toMatchObject({ password: PASSWORD, token: HOOK_TOKEN });
  });

  it('are deleted, and what they did stays', async () => {
    await add();
    await api.record({
      events: [{ ...eventOf('pushed', 0, { tag: 'v1', digest: digestOf('one') }), registry: 'edge' } as never],
    });
    expect((await send('DELETE', '/edge')).status).toBe(204);
    expect((await send('GET', '/edge')).status).toBe(404);
    expect(api.registries.find('edge')).toBeNull();
    expect((await eventTypes()).slice(0, 1)).toEqual(['registryDeleted by admin']);
    expect((await api.get<Page<unknown>>('/api/v1/tags?registry=edge')).items).toHaveLength(1);
  });

  it('do not overwrite what somebody else has saved meanwhile', async () => {
    await add();
    const body = definition();
    const both = await Promise.all([send('PUT', '/edge', body), send('PUT', '/edge', body)]);
    const codes = both.map(({ status, body }) => (status === 200 ? 'saved' : body.code)).sort();
    expect(['REGISTRY_CHANGED_MEANWHILE,saved', 'saved,saved']).toContain(codes.join());
    expect(await api.sql('SELECT name FROM registry')).toHaveLength(1);
  });

  it('are known to other processes within moments, changed and deleted ones too', async () => {
    const other = new CurrentRegistries([], KNOWN_KINDS, new PgRegistryKeeping(api.dataSource, api.keyring), SILENT);
    const stop = other.start((wake) => api.listener.on(CHANNELS.registries, wake));
    const seen = async (everyMs: number | null) => {
      for (const deadline = Date.now() + 5_000; Date.now() < deadline; await sleep(10))
        if ((other.find('edge')?.sweep.everyMs ?? null) === everyMs) return;
      throw new Error(`It is not seen: ${everyMs}`);
    };
    await add({ sweep: { every: '10m' } });
    await seen(600_000);
    await send('PUT', '/edge', definition({ sweep: { every: '1h' } }));
    await seen(3_600_000);
    await send('DELETE', '/edge');
    await seen(null);
    stop();
  });

  it('are named where their secrets cannot be read, and the others go on', async () => {
    await add();
    await add({ name: 'other' });
    api.keyring.key = deriveSecretKey('another passphrase altogether');
    try {
      // Another process, that starts with the other key.
      await api.sql('UPDATE registry SET changed_at = now()');
      const fresh = await startedAnew();
      expect(fresh.usable).toEqual(['local']);
      expect(fresh.unreadable).toEqual([
        expect.stringMatching(/registry "edge".*another TAGWARDEN_SECRET_KEY/),
        expect.stringMatching(/registry "other".*another TAGWARDEN_SECRET_KEY/),
      ]);
      expect(fresh.said).toHaveLength(2);
      expect((await send('PUT', '/edge', definition({ password: undefined }))).body.code).toBe('REGISTRY_INVALID');
      expect((await send('PUT', '/edge', definition())).status).toBe(200);
      expect((await startedAnew()).usable).toEqual(['local', 'edge']);
    } finally {
      api.keyring.key = deriveSecretKey(KEY);
    }
  });

  it('are shown as unreadable where that is so', async () => {
    await add();
    await api.sql(`UPDATE registry SET secrets = set_byte(secrets, 30, get_byte(secrets, 30) # 1)`);
    await api.registries.refresh();
    const { body } = await send<RegistryView>('GET', '/edge');
    expect(body).toMatchObject({
      kind: 'distribution',
      url: registry.url,
      secrets: [],
      unreadable: expect.stringContaining('damaged'),
    });
    const refused = await send('GET', '/edge/subscription');
    expect([refused.status, refused.body.code]).toEqual([409, 'SECRETS_UNREADABLE']);
    expect((await send('DELETE', '/edge')).status).toBe(204);
  });

  async function startedAnew() {
    const said: string[] = [];
    const log = { ...SILENT, error: (message: string) => void said.push(message) };
    const keeping = new PgRegistryKeeping(api.dataSource, api.keyring);
    const ofFile = loadStoredRegistry(
      'local',
      { kind: 'zot', url: 'http://zot' },
      { 'webhook.token': 't' },
      KNOWN_KINDS,
    );
    const registries = new CurrentRegistries([ofFile], KNOWN_KINDS, keeping, log);
    await registries.refresh();
    return { usable: registries.names(), unreadable: registries.unreadable().map(({ reason }) => reason), said };
  }
});

describe('Subscribing a registry, over HTTP', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.stop());

  const read = async <T>(path: string) => (await api.request(`${PATH}${path}/subscription`)).json() as Promise<T>;

  it('says what to paste, with the place of the secret marked, and when it was last heard', async () => {
    const guide = await read<SubscriptionView>('/local');
    expect(guide).toMatchObject({ kind: 'zot', installable: false, heard: { lastAt: null } });
    expect(guide.webhookUrl).toBe(`${api.url}/hooks/local`);
    expect(guide.steps[0]?.text).toContain(guide.webhookUrl);
    expect(guide.notes.at(-1)).toContain('TAGWARDEN_PUBLIC_URL');
    expect(JSON.stringify(guide)).not.toContain(KEY);
    const pushed = eventOf('pushed', 5, { tag: 'v1', digest: digestOf('one') });
    await api.record({ events: [pushed] });
    await api.record({
      events: [{ ...eventOf('pushed', 900, { tag: 'v2', digest: digestOf('two') }), source: 'sweeper' }],
    });
    expect((await read<SubscriptionView>('/local')).heard.lastAt).toBe(pushed.receivedAt);
  });

  it('is refused where the kind has no API for it, with what to do instead', async () => {
    const answer = await api.post(`${PATH}/local/subscription`);
    expect(answer.status).toBe(409);
    const problem = (await answer.json()) as Problem;
    expect(problem.code).toBe('SUBSCRIPTION_NOT_INSTALLABLE');
    expect(problem.detail).toContain('GET /api/v1/registries/local/subscription');
  });

  it('is 404 where there is no such registry', async () => {
    expect((await api.request(`${PATH}/gone/subscription`)).status).toBe(404);
    expect((await api.post(`${PATH}/gone/subscription`)).status).toBe(404);
  });

  it('is done over the vendor’s API, written down, and done again without harm', async () => {
    const harbor = await FakeRegistry.start({ vendor: projectHooks() });
    const webhook = { token: HOOK_TOKEN };
    const body = { name: 'port', kind: 'harbor', url: harbor.url, username: 'ci', password: PASSWORD, webhook };
    expect((await api.post(`${PATH}?check=false`, body)).status).toBe(201);
    const install = async () => {
      const answer = await api.post(`${PATH}/port/subscription`, { scopes: ['shop'] });
      expect(answer.status).toBe(200);
      return (await answer.json()) as InstalledSubscriptionView;
    };
    const done = await install();
    expect(done).toMatchObject({ kind: 'harbor', outcome: 'created', webhookUrl: `${api.url}/hooks/port` });
    expect((await install()).outcome).toBe('unchanged');
    expect(JSON.stringify(done)).not.toContain(HOOK_TOKEN);
    const { items } = await api.get<Page<{ detail: object }>>('/api/v1/events?type=subscriptionInstalled');
    expect(items).toMatchObject([
      { registry: 'port' },
      { registry: 'port', actor: 'admin', detail: { scopes: ['shop'] } },
    ]);
    for (const secret of SECRETS) expect(JSON.stringify(items)).not.toContain(secret);
    expect((await api.post(`${PATH}/port/subscription`)).status).toBe(400);
    await harbor.stop();
  });
});

/** As much of a vendor's API as one project's webhook policies take. */
function projectHooks(): NonNullable<FakeRegistryOptions['vendor']> {
  const policies: Record<string, unknown>[] = [];
  const json = (value: unknown, status = 200) => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  });
  return ({ method, url, body }) => {
    if (!url.pathname.startsWith('/api/v2.0/projects/shop/webhook/')) return null;
    if (url.pathname.endsWith('/events')) {
      return json({ event_type: ['PUSH_ARTIFACT', 'PULL_ARTIFACT', 'DELETE_ARTIFACT'], notify_type: ['http'] });
    }
    if (method === 'GET') return json(policies);
    policies.push({ id: policies.length + 1, ...(JSON.parse(body.toString()) as object) });
    return { status: 201 };
  };
}
