import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ExposureView, type Page, type ViolationView } from '#contracts';
import { type Api, digestOf, eventOf, startApi } from '../api.fixture.js';

const A = digestOf('a');
const B = digestOf('b');
const IN = { tag: 'v1', repository: 'team/app' };

let api: Api;
let id: string;
beforeAll(async () => {
  api = await startApi();
  await api.record({
    events: [
      eventOf('pushed', 0, { ...IN, digest: A }),
      eventOf('pushed', 5, { ...IN, tag: 'other', digest: B, actor: 'mallory' }),
      eventOf('pushed', 10, { ...IN, digest: B, actor: 'mallory', userAgent: 'docker/27' }),
    ],
  });
  const { items } = await api.get<Page<ViolationView>>('/api/v1/violations?repository=team/app');
  id = items[0]!.id;
  await api.record({
    events: [
      eventOf('pulled', 11, { ...IN, digest: B, actor: 'node', userAgent: 'containerd/2' }),
      eventOf('tagDeleted', 12, { ...IN, tag: 'gone', actor: 'mallory' }),
      eventOf('pushed', 20, { ...IN, digest: A }),
    ],
  });
});
afterAll(() => api.stop());

describe('GET exposure', () => {
  it('tells in one document what a violation has exposed', async () => {
    const report = await api.get<ExposureView>(`/api/v1/violations/${id}/exposure`);
    expect(ExposureView.parse(report)).toEqual(report);
    expect(report).toMatchObject({
      violation: { id, foundDigest: B, exposure: { seconds: 10, pullCount: 1 } },
      change: { actor: 'mallory', digest: B, claims: { userAgent: 'docker/27', address: '10.0.0.9' } },
      window: { from: '2026-08-20T09:00:10.000000Z', until: '2026-08-20T09:00:20.000000Z', seconds: 10 },
      knownGood: { digest: A, mediaType: expect.any(String) },
      pulls: {
        count: 1,
        pullers: [{ actor: 'node', userAgent: 'containerd/2', count: 1 }],
        latest: [{ actor: 'node', digest: B }],
        // The registry that is configured here is of a kind that does not tell of pulls.
        pullsReported: false,
        note: expect.stringContaining('does not tell of pulls'),
      },
      otherChanges: { actor: 'mallory', countsByType: { pushed: 1, tagDeleted: 1 }, truncated: false },
    });
    expect(report.carriers.map(({ tag, still }) => [tag, still])).toEqual([
      ['other', true],
      ['v1', false],
    ]);
    expect(report.otherChanges.events.map(({ tag }) => tag)).toEqual(['gone', 'other']);
  });

  it.each([
    ['?download=true', `attachment; filename="exposure-%.json"`],
    ['?download=false', null],
    ['', null],
  ])('with %j comes with the disposition %s', async (query, disposition) => {
    const answer = await api.request(`/api/v1/violations/${id}/exposure${query}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.headers.get('content-disposition')).toBe(disposition?.replace('%', id) ?? null);
  });

  it.each([
    ['00000000-0000-8000-8000-000000000000/exposure', 404, 'VIOLATION_UNKNOWN'],
    ['seven/exposure', 400, 'REQUEST_INVALID'],
    ['00000000-0000-8000-8000-000000000000/exposure?download=yes', 400, 'REQUEST_INVALID'],
  ])('%s is answered with %i', async (path, status, code) => {
    expect(await api.get(`/api/v1/violations/${path}`)).toMatchObject({ status, code });
  });
});
