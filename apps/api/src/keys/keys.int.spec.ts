import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CreatedKeyView, EventView, KeyRole, KeyView, Page } from '#contracts';
import { ensureAdminKey, PgApiKeys, PgKeyRing } from '#persistence';
import { type Api, startApi } from '../api.fixture.js';

const SOME_ID = '00000000-0000-8000-8000-000000000000';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());
beforeEach(async () => {
  for (const { name } of (await api.get<Page<KeyView>>('/api/v1/keys')).items)
    if (name !== 'admin') await api.request(`/api/v1/keys/${name}`, { method: 'DELETE' });
});

const create = async (name: string, role?: KeyRole): Promise<CreatedKeyView> => {
  const answer = await api.post('/api/v1/keys', { name, ...(role === undefined ? {} : { role }) });
  expect(answer.status).toBe(201);
  return (await answer.json()) as CreatedKeyView;
};
const withKey = (key: string, path: string, method = 'GET', body?: unknown) =>
  api.request(path, {
    method,
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
/** What the work answers, once the listening connection has heard of it. */
const told = async <T>(heard: Promise<void>, work: Promise<T>): Promise<T> => (await Promise.all([work, heard]))[0];
const deletion = (name: string) => api.request(`/api/v1/keys/${name}`, { method: 'DELETE' });
const deeds = async (type: string) => (await api.get<Page<EventView>>(`/api/v1/events?type=${type}&limit=1`)).items[0];

describe('A key', () => {
  it('is shown once, when it is made, and opens the API', async () => {
    const created = await create('lisa@example.com');
    expect(created).toEqual({
      name: 'lisa@example.com',
      role: 'operator',
      origin: 'api',
      createdAt: expect.stringMatching(/Z$/),
      createdBy: 'admin',
      key: expect.stringMatching(/^tw_[\w-]{43}$/),
    });
    expect((await withKey(created.key, '/api/v1/tags')).status).toBe(200);
    const { key: _key, ...rest } = created;
    const listed = await (await api.request('/api/v1/keys')).text();
    expect(JSON.parse(listed)).toEqual({
      items: [{ name: 'admin', role: 'admin', origin: 'configuration', createdAt: null, createdBy: null }, rest],
      nextCursor: null,
    });
    const [{ hash }] = await api.sql(`SELECT encode(hash, 'hex') AS hash FROM api_key WHERE name = $1`, [created.name]);
    const trail = JSON.stringify((await api.get<Page<EventView>>('/api/v1/events')).items);
    for (const text of [listed, trail]) {
      expect(text).not.toContain(created.key);
      expect(text).not.toContain(hash);
    }
  });

  it('opens nothing once it is deleted', async () => {
    const { key } = await create('gone');
    expect((await withKey(key, '/api/v1/tags')).status).toBe(200);
    expect((await deletion('gone')).status).toBe(204);
    const answer = await withKey(key, '/api/v1/tags');
    expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ code: 'KEY_REFUSED' })]);
    expect((await deletion('gone')).status).toBe(404);
    const again = await create('gone');
    expect([(await withKey(key, '/api/v1/tags')).status, (await withKey(again.key, '/api/v1/tags')).status]).toEqual([
      401, 200,
    ]);
  });

  it('is told of in the audit trail, with who did it', async () => {
    const { key } = await create('lisa', 'admin');
    expect(await deeds('keyCreated')).toMatchObject({
      actor: 'admin',
      source: 'api',
      registry: null,
      detail: { name: 'lisa', role: 'admin' },
    });
    await create('tom', 'auditor');
    expect((await withKey(key, '/api/v1/keys/tom', 'DELETE')).status).toBe(204);
    expect(await deeds('keyDeleted')).toMatchObject({ actor: 'lisa', detail: { name: 'tom', role: 'auditor' } });
  });

  it('has its name alone', async () => {
    await create('lisa');
    for (const name of ['lisa', 'admin']) {
      const answer = await api.post('/api/v1/keys', { name });
      expect([answer.status, await answer.json()]).toEqual([409, expect.objectContaining({ code: 'KEY_EXISTS' })]);
    }
  });

  it.each([
    [{ name: '' }, 'name', '1 to 64 letters'],
    [{ name: 'a b' }, 'name', '1 to 64 letters'],
    [{ name: 'a'.repeat(65) }, 'name', '1 to 64 letters'],
    [{ name: '..' }, 'name', '1 to 64 letters'],
    [{ name: 'Tagwarden' }, 'name', 'the service itself'],
    [{}, 'name', 'It is required.'],
    [{ name: 'a', role: 'root' }, 'role', 'It must be one of admin, operator, auditor.'],
    [{ name: 'a', key: 'mine' }, 'key', 'no such parameter'],
  ])('is refused as %j', async (body, path, sentence) => {
    const answer = await api.post('/api/v1/keys', body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ path, message: expect.stringContaining(sentence) }] });
  });

  it('is listed by name, a page at a time, also when one is deleted in between', async () => {
    for (const name of ['b', 'c', 'd']) await create(name);
    const first = await api.get<Page<KeyView>>('/api/v1/keys?limit=2');
    expect(first.items.map(({ name }) => name)).toEqual(['admin', 'b']);
    await deletion('b');
    const second = await api.get<Page<KeyView>>(`/api/v1/keys?limit=2&cursor=${first.nextCursor}`);
    expect([second.items.map(({ name }) => name), second.nextCursor]).toEqual([['c', 'd'], null]);
  });
});

/** A route of each kind; what an operator is answered where it gets through. */
const READS: [string, string, number][] = [
  ['GET', '/api/v1/tags', 200],
  ['GET', `/api/v1/violations/${SOME_ID}`, 404],
  ['GET', '/api/v1/rejected', 200],
  ['GET', '/metrics', 200],
  ['HEAD', '/api/v1/events', 200],
];
const WRITES: [string, string, number][] = [
  ['POST', `/api/v1/violations/${SOME_ID}/restore`, 404],
  ['POST', `/api/v1/rejected/${SOME_ID}/replay`, 404],
];
const KEYS: [string, string, number][] = [
  ['GET', '/api/v1/keys', 200],
  ['HEAD', '/api/v1/keys', 200],
  ['POST', '/api/v1/keys', 400],
  ['DELETE', '/api/v1/keys/nobody', 404],
];

describe.each([
  ['auditor', { reads: true, writes: false, keys: false }],
  ['operator', { reads: true, writes: true, keys: false }],
  ['admin', { reads: true, writes: true, keys: true }],
] as const)('A key with the role %s', (role, may) => {
  const cases = [
    ...READS.map((one) => [...one, may.reads] as const),
    ...WRITES.map((one) => [...one, may.writes] as const),
    ...KEYS.map((one) => [...one, may.keys] as const),
  ];

  it.each(cases)('%s %s, otherwise %i: let through: %s', async (method, path, otherwise, isLetThrough) => {
    const { key } = await create(`one-${role}`, role);
    const answer = await withKey(key, path, method, method === 'POST' ? {} : undefined);
    expect(answer.status).toBe(isLetThrough ? otherwise : 403);
    if (isLetThrough || method === 'HEAD') return;
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({
      status: 403,
      code: 'ROLE_INSUFFICIENT',
      detail: expect.stringMatching(
        new RegExp(`^The key "one-${role}" has the role ${role}\\. .*Use a key with the role`),
      ),
    });
  });
});

describe('The last way in', () => {
  it('stays: the configured key cannot be deleted, and the answer says where it comes from', async () => {
    const answer = await deletion('admin');
    expect([answer.status, await answer.json()]).toEqual([
      409,
      expect.objectContaining({ code: 'KEY_NOT_DELETABLE', detail: expect.stringContaining('TAGWARDEN_ADMIN_KEY') }),
    ]);
  });

  it('stays: of stored admin keys one is left, also when two delete each other at once', async () => {
    const ring = new PgKeyRing(api.dataSource, false, () => undefined);
    await api.sql('DELETE FROM api_key');
    await ensureAdminKey(api.dataSource);
    const at = '2026-08-20T09:00:00.000000Z' as Parameters<PgKeyRing['create']>[2];
    await ring.create({ name: 'lisa', role: 'admin' }, 'admin', at);
    await ring.create({ name: 'ci', role: 'operator' }, 'admin', at);
    const results = await Promise.allSettled([ring.delete('lisa', 'admin', at), ring.delete('admin', 'lisa', at)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'KEY_NOT_DELETABLE', message: expect.stringContaining('the last one') },
    });
    const left = await ring.list();
    expect(left.map(({ role }) => role).sort()).toEqual(['admin', 'operator']);
    expect(left.find(({ name }) => name === 'admin')?.origin ?? 'firstStart').toBe('firstStart');
    await ring.delete('ci', 'lisa', at);
  });

  it('is made anew where no admin key is stored and none is configured any more', async () => {
    await api.sql('DELETE FROM api_key');
    await create('ci', 'operator');
    const { created } = await ensureAdminKey(api.dataSource);
    expect(await new PgApiKeys(api.dataSource, null).findHolder(created!)).toEqual({ name: 'admin', role: 'admin' });
    await api.sql('DELETE FROM api_key');
  });
});

describe('Another process', () => {
  it('is heard by this one when it makes or deletes a key', async () => {
    const elsewhere = new PgKeyRing(api.dataSource, true, () => undefined);
    const at = '2026-08-20T09:00:00.000000Z' as Parameters<PgKeyRing['create']>[2];
    const heard = () => new Promise<void>((resolve) => api.listener.on('tagwarden_keys', () => resolve()));
    expect((await withKey('unknown', '/api/v1/tags')).status).toBe(401);
    const { key } = await told(heard(), elsewhere.create({ name: 'lisa', role: 'auditor' }, 'tom', at));
    expect((await withKey(key, '/api/v1/tags')).status).toBe(200);
    await told(heard(), elsewhere.delete('lisa', 'tom', at));
    expect((await withKey(key, '/api/v1/tags')).status).toBe(401);
  });

  it('that hears of nothing finds out after 30 seconds', async () => {
    let now = 0;
    const deaf = new PgApiKeys(api.dataSource, null, () => now);
    const { key } = await create('lisa');
    expect(await deaf.findHolder(key)).not.toBeNull();
    await deletion('lisa');
    now = 29_999;
    expect(await deaf.findHolder(key)).not.toBeNull();
    now = 30_000;
    expect(await deaf.findHolder(key)).toBeNull();
  });

  it('takes a role that it does not know for none', async () => {
    const { key } = await create('new');
    await api.sql(`UPDATE api_key SET role = 'owner' WHERE name = 'new'`);
    expect(await new PgApiKeys(api.dataSource, null).findHolder(key)).toBeNull();
    await api.sql(`DELETE FROM api_key WHERE name = 'new'`);
  });
});
