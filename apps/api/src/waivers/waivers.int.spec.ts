import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BindingView, EventView, Page, Problem, TagView, ViolationView, WaiverView } from '#contracts';
import { addMs, type Instant, instantOf } from '#domain';
import { refoldUnderDueWaivers } from '#persistence';
import { type Api, digestOf, eventOf, startApi } from '../api.fixture.js';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api?.stop());

const now = (): Instant => instantOf(Date.now());
const inHours = (hours: number): Instant => addMs(now(), hours * 3_600_000);
const send = async (method: string, path: string, body?: unknown, key?: string) => {
  const headers = {
    'Content-Type': 'application/json',
    ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
  };
  const answer = await api.request(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as WaiverView & Problem };
};
const ask = (body: object) =>
  send('POST', '/api/v1/waivers', { reason: 'rebuilt with the fixed base', expiresAt: inHours(1), ...body });

/** Pushed just now: waivers permit nothing that was done before them. */
async function push(tag: string, name: string): Promise<void> {
  const at = now();
  const event = eventOf('pushed', 0, { tag, digest: digestOf(name) });
  await api.record({
    events: [{ ...event, id: crypto.randomUUID() as typeof event.id, occurredAt: at, receivedAt: at }],
  });
}
const violations = async (tag: string) =>
  (await api.get<Page<ViolationView>>(`/api/v1/violations?registry=local&repository=team/app&tag=${tag}`)).items;
const sealOf = async (tag: string) =>
  (await api.get<Page<TagView>>(`/api/v1/tags?registry=local&repository=team/app&tag=${tag}`)).items[0]?.seal?.digest;
const historyOf = async (tag: string) =>
  (await api.get<Page<BindingView>>(`/api/v1/history?registry=local&repository=team/app&tag=${tag}`)).items;

describe('A waiver', () => {
  it('permits a change: the new digest is the seal, and the use stands on the binding', async () => {
    await push('v1', 'one');
    const { status, body: waiver } = await ask({ tags: { matching: ['v1'] } });
    expect([status, waiver.state, waiver.used]).toEqual([201, 'live', 0]);
    await push('v1', 'two');
    expect(await sealOf('v1')).toBe(digestOf('two'));
    expect(await violations('v1')).toMatchObject([{ state: 'waived', waiverId: waiver.id }]);
    expect((await historyOf('v1')).map(({ boundUnder }) => boundUnder)).toEqual([waiver.id, null]);
    expect((await send('GET', `/api/v1/waivers/${waiver.id}`)).body).toMatchObject({ used: 1, createdBy: 'admin' });
  });

  it('permits what stands when it begins', async () => {
    await push('v2', 'one');
    await push('v2', 'two');
    expect((await violations('v2'))[0]?.state).toBe('detected');
    await ask({ tags: { matching: ['v2'] } });
    expect(await refoldUnderDueWaivers(api.dataSource)).toBe(1);
    await api.record({ refolds: [eventOf('tagDeleted', 0, { tag: 'v2' }) as never] });
    expect((await violations('v2'))[0]?.state).toBe('waived');
    expect(await sealOf('v2')).toBe(digestOf('two'));
    expect(await refoldUnderDueWaivers(api.dataSource)).toBe(0);
  });

  it('that was revoked permits nothing more, and what it permitted stays', async () => {
    await push('v3', 'one');
    const { body: waiver } = await ask({ tags: { matching: ['v3'] } });
    await push('v3', 'two');
    const revoked = await send('DELETE', `/api/v1/waivers/${waiver.id}`, { reason: 'done' });
    expect(revoked).toMatchObject({ status: 200, body: { state: 'revoked', revokedBy: 'admin' } });
    await push('v3', 'three');
    expect((await violations('v3')).map(({ state }) => state).sort()).toEqual(['detected', 'waived']);
    expect((await send('DELETE', `/api/v1/waivers/${waiver.id}`)).body.code).toBe('WAIVER_NOT_REVOCABLE');
  });

  it('that needs a second person permits nothing before, and its maker cannot be that person', async () => {
    await push('v4', 'one');
    const { body: waiver } = await ask({ tags: { matching: ['v4'] }, needsApproval: true });
    expect(waiver.state).toBe('pending');
    await push('v4', 'two');
    expect((await violations('v4'))[0]?.state).toBe('detected');
    expect((await send('POST', `/api/v1/waivers/${waiver.id}/approve`)).body).toMatchObject({
      status: 409,
      code: 'WAIVER_NOT_APPROVABLE',
    });
    const second = await (await api.post('/api/v1/keys', { name: 'second-person' })).json();
    const approved = await send('POST', `/api/v1/waivers/${waiver.id}/approve`, {}, (second as { key: string }).key);
    expect(approved.body).toMatchObject({ state: 'live', approvedBy: 'second-person' });
    await push('v4', 'three');
    expect(await sealOf('v4')).toBe(digestOf('three'));
  });

  it('is told in the audit trail: by whom, why, and what', async () => {
    const { body: waiver } = await ask({ tags: { matching: ['v5'] }, digest: digestOf('five'), uses: 2 });
    await send('DELETE', `/api/v1/waivers/${waiver.id}`, { reason: 'not needed' });
    const trail = async (type: string) =>
      (await api.get<Page<EventView>>(`/api/v1/events?type=${type}`)).items.find(
        ({ detail }) => detail?.waiverId === waiver.id,
      );
    expect(await trail('waiverCreated')).toMatchObject({
      actor: 'admin',
      detail: { reason: 'rebuilt with the fixed base', digest: digestOf('five'), uses: 2 },
    });
    expect(await trail('waiverRevoked')).toMatchObject({ actor: 'admin', detail: { reason: 'not needed' } });
  });

  it.each<[string, object, number, string]>([
    ['no reason', { reason: undefined }, 400, 'reason: It is required'],
    ['no end', { expiresAt: undefined }, 400, 'expiresAt'],
    ['an end that is over', { expiresAt: '2020-01-01T00:00:00Z' }, 422, 'over already'],
    ['an end before its begin', { startsAt: inHours(5), expiresAt: inHours(4) }, 422, 'not after startsAt'],
    ['no end in sight', { expiresAt: inHours(24 * 91) }, 422, '90 days'],
    ['a malformed pattern', { tags: { matching: ['[a'] } }, 422, 'position'],
    ['no use', { uses: 0 }, 400, 'uses'],
    ['nothing permitted', { permit: [] }, 400, 'permit'],
  ])('with %s is refused', async (_, change, status, sentence) => {
    const { body } = await ask({ tags: { matching: ['v9'] }, ...change });
    expect([body.status, body.detail]).toEqual([status, expect.stringContaining(sentence)]);
  });

  it('is listed by state, newest first', async () => {
    const { body: waiver } = await ask({ tags: { matching: ['later'] }, startsAt: inHours(0.5) });
    const list = await api.get<Page<WaiverView>>('/api/v1/waivers?state=scheduled');
    expect(list.items.map(({ id }) => id)).toEqual([waiver.id]);
    expect((await api.get<Page<WaiverView>>('/api/v1/waivers')).items[0]?.id).toBe(waiver.id);
  });
});
