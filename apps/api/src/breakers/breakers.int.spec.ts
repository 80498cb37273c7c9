import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BreakerView, EventView, Page, TagView } from '#contracts';
import { type Api, digestOf, eventOf, startApi } from '../api.fixture.js';

let api: Api;
beforeAll(async () => {
  api = await startApi();
  await api.record({
    events: ['v1', 'v2'].map((tag) => eventOf('pushed', 0, { tag, digest: digestOf('a') })),
  });
  await api.sql(`INSERT INTO fight_breaker (tag_id, registry, repository, tag, tripped_at, restorations, window_ms, reason, violation_id)
    SELECT id, registry, repository, tag, CASE tag WHEN 'v1' THEN '2026-08-20T09:00:00Z' ELSE '2026-08-20T10:00:00Z' END::timestamptz,
      20, 600000, 'a fight', id FROM tag`);
});
afterAll(() => api.stop());

const breakers = (query = '') => api.get<Page<BreakerView>>(`/api/v1/breakers${query}`);
const shownOn = async (tag: string) =>
  (await api.get<Page<TagView>>(`/api/v1/tags?tag=${tag}`)).items.map(({ breaker }) => breaker);

describe('A tripped breaker', () => {
  it('is listed, newest first, and shown on its tag', async () => {
    const first = await breakers('?limit=1');
    expect(first.items).toEqual([
      expect.objectContaining({ tag: 'v2', restorations: 20, windowSeconds: 600, reason: 'a fight', resetAt: null }),
    ]);
    expect((await breakers(`?cursor=${first.nextCursor}`)).items.map(({ tag }) => tag)).toEqual(['v1']);
    expect(await shownOn('v1')).toEqual([{ trippedAt: '2026-08-20T09:00:00.000000Z' }]);
  });

  it('is reset once, by a person with a reason, and its tag is enforced again', async () => {
    const [breaker] = (await breakers()).items;
    expect((await api.post(`/api/v1/breakers/${breaker!.id}/reset`)).status).toBe(400);
    const answer = await api.post(`/api/v1/breakers/${breaker!.id}/reset`, { reason: 'found the cron job' });
    expect([answer.status, await answer.json()]).toEqual([200, { ...breaker, resetAt: expect.stringMatching(/Z$/) }]);
    expect((await breakers()).items.map(({ tag }) => tag)).toEqual(['v1']);
    expect(await shownOn('v2')).toEqual([null]);
    expect(await api.sql('SELECT tag_id, by_hand FROM enforcement')).toEqual([{ tag_id: breaker!.id, by_hand: false }]);
    const { items } = await api.get<Page<EventView>>('/api/v1/events?type=breakerReset');
    expect(items).toEqual([
      expect.objectContaining({
        actor: 'admin',
        tag: 'v2',
        detail: { tagId: breaker!.id, trippedAt: breaker!.trippedAt, reason: 'found the cron job' },
      }),
    ]);
    const again = await api.post(`/api/v1/breakers/${breaker!.id}/reset`, { reason: 'again' });
    expect([again.status, await again.json()]).toMatchObject([404, { code: 'BREAKER_UNKNOWN' }]);
  });
});
