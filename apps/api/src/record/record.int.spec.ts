import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BindingView, EventView, Page, RejectedView, ResolutionView, TagView } from '#contracts';
import { addMs, instantOf } from '#domain';
import { type Api, digestOf, eventOf, startApi } from '../api.fixture.js';

const [A, B, C] = ['a', 'b', 'c'].map(digestOf) as [
  ReturnType<typeof digestOf>,
  ReturnType<typeof digestOf>,
  ReturnType<typeof digestOf>,
];
const V1 = 'registry=local&repository=team/app&tag=v1';

let api: Api;
beforeAll(async () => {
  api = await startApi();
  await api.record({
    events: [
      eventOf('pushed', 0, { tag: 'v1', digest: A }),
      eventOf('pushed', 0, { tag: 'dev', digest: A }),
      eventOf('pushed', 1, { tag: 'v2', digest: A }),
      eventOf('pushed', 2, { tag: 'old', digest: A }),
      eventOf('tagDeleted', 3, { tag: 'old' }),
      eventOf('pushed', 4, { tag: 'dev', digest: B }),
      eventOf('pushed', 10, { tag: 'v2', digest: C, actor: '=cmd|calc' }),
      eventOf('pushed', 5, { tag: 'v1', repository: 'other/app', digest: B }),
    ],
  });
});
afterAll(() => api.stop());

/** All pages of a list, and how many there were. */
async function readAll<T>(path: string, limit: number): Promise<{ items: T[]; pages: number }> {
  const items: T[] = [];
  let cursor: string | null = '';
  for (let pages = 0; ; pages += 1) {
    if (cursor === null) return { items, pages };
    const page: Page<T> = await api.get(
      `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor && `&cursor=${cursor}`}`,
    );
    items.push(...page.items);
    cursor = page.nextCursor;
  }
}

describe('GET /api/v1/tags', () => {
  it('pages by name, with seal and state', async () => {
    const { items, pages } = await readAll<TagView>('/api/v1/tags', 2);
    expect(pages).toBe(3);
    expect(items.map(({ repository, tag, state }) => `${repository}:${tag} ${state}`)).toEqual([
      'other/app:v1 sealed',
      'team/app:dev open',
      'team/app:old absent',
      'team/app:v1 sealed',
      'team/app:v2 violated',
    ]);
    expect(items.at(-1)).toMatchObject({
      registry: 'local',
      digest: C,
      boundAt: '2026-08-20T09:00:10.000000Z',
      seal: { digest: A, sealedAt: '2026-08-20T09:00:01.000000Z', rule: { name: 'releases' } },
    });
  });

  it('filters', async () => {
    expect((await api.get<Page<TagView>>('/api/v1/tags?repository=team/app&tag=v1')).items).toHaveLength(1);
    expect((await api.get<Page<TagView>>('/api/v1/tags?registry=elsewhere')).items).toEqual([]);
  });
});

describe('GET /api/v1/history and /resolve', () => {
  const DEV = 'registry=local&repository=team/app&tag=dev';

  it('lists bindings, newest first', async () => {
    const { items, pages } = await readAll<BindingView>(`/api/v1/history?${DEV}`, 1);
    expect(pages).toBe(2);
    expect(
      items.map(({ digest, boundAt, unboundAt }) => [digest, boundAt.slice(17, 19), unboundAt?.slice(17, 19)]),
    ).toEqual([
      [B, '04', undefined],
      [A, '00', '04'],
    ]);
    expect(items[0]).toMatchObject({
      actor: 'ci',
      cause: 'pushed',
      eventId: eventOf('pushed', 4, { tag: 'dev', digest: B }).id,
    });
  });

  it.each([
    ['before', '2026-08-20T08:59:59.999999Z', null],
    ['at the push', '2026-08-20T09:00:00Z', A],
    ['with an offset', '2026-08-20T11:00:03.999999%2B02:00', A],
    ['with an offset that was not percent-encoded', '2026-08-20T11:00:03.999999+02:00', A],
    ['at the next push', '2026-08-20T09:00:04Z', B],
  ])('resolves %s', async (_when, at, digest) => {
    const answer = await api.get(`/api/v1/resolve?${DEV}&at=${at}`);
    expect(answer).toMatchObject({ tag: 'dev', digest, mediaType: digest === null ? null : expect.any(String) });
  });

  it('resolves now, and a tag that is gone to nothing', async () => {
    expect((await api.get<ResolutionView>(`/api/v1/resolve?${DEV}`)).digest).toBe(B);
    const gone = await api.get('/api/v1/resolve?registry=local&repository=team/app&tag=old');
    expect(gone).toMatchObject({ digest: null, boundAt: null });
  });

  it.each(['history', 'resolve'])('%s knows no tag that was never seen', async (path) => {
    const answer = await api.request(`/api/v1/${path}?registry=local&repository=team/app&tag=never`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      code: 'TAG_UNKNOWN',
      detail: expect.stringContaining('local/team/app:never'),
    });
  });
});

describe('GET /api/v1/explain', () => {
  it('explains tags that need not exist', async () => {
    expect(await api.get('/api/v1/explain?registry=local&repository=x&tag=v9')).toMatchObject({
      immutable: true,
      mode: 'enforce',
      protect: ['overwrite', 'deletion'],
      rule: { name: 'releases' },
    });
    expect(await api.get('/api/v1/explain?registry=local&repository=x&tag=dev')).toMatchObject({
      immutable: false,
      rule: null,
    });
  });
});

describe('GET /api/v1/events', () => {
  it.each([
    ['', 10],
    [V1, 1],
    ['tag=v1', 2],
    [`digest=${A}`, 5],
    [`digest=${A}&type=pushed`, 4],
    ['type=violationDetected', 1],
    ['type=incidentOpened', 1],
    ['actor=%3Dcmd%7Ccalc', 1],
    ['type=tagDeleted', 1],
    ['from=2026-08-20T09:00:04Z', 5],
    ['to=2026-08-20T09:00:04Z', 5],
    ['from=2026-08-20T09:00:04Z&to=2026-08-20T09:00:05Z', 1],
  ])('filters by %s', async (filter, count) => {
    const { items, pages } = await readAll<EventView>(`/api/v1/events?${filter}`, 3);
    expect(items).toHaveLength(count);
    expect(pages).toBe(Math.ceil(count / 3));
    expect(new Set(items.map(({ id }) => id)).size).toBe(count);
    const times = items.map(({ occurredAt }) => occurredAt);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('exports CSV that no spreadsheet runs', async () => {
    const answer = await api.request('/api/v1/events?tag=v2&type=pushed', {
      headers: { Accept: 'text/csv' },
    });
    expect(answer.headers.get('content-type')).toContain('text/csv');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="tagwarden-events.csv"');
    const [header, newest, oldest, end] = (await answer.text()).split('\n');
    expect(header).toBe(
      'id,type,registry,repository,tag,digest,mediaType,actor,occurredAt,receivedAt,source,sourceId,claims,detail',
    );
    expect(newest).toContain(
      `,v2,${C},application/vnd.oci.image.manifest.v1+json,'=cmd|calc,2026-08-20T09:00:10.000000Z,`,
    );
    expect(oldest).toContain(`,v2,${A},`);
    expect(end).toBe('');
  });

  it('exports the header alone where nothing matches, and refuses pages of an export', async () => {
    const accept = { headers: { Accept: 'text/csv' } };
    expect(await (await api.request('/api/v1/events?tag=none', accept)).text()).toMatch(/^id,.*,detail\n$/);
    expect((await api.request('/api/v1/events?limit=5', accept)).status).toBe(400);
    expect((await api.request('/api/v1/events', { headers: { Accept: 'image/png' } })).status).toBe(406);
  });

  it('exports more than a page as lines of JSON, and stops when the client hangs up', async () => {
    const many = Array.from({ length: 2_500 }, (_, index) =>
      eventOf('pushed', 100 + index, { tag: 'many', digest: A }),
    );
    await api.record({ events: many });
    const accept = { headers: { Accept: 'application/x-ndjson' } };
    const text = await (await api.request('/api/v1/events?tag=many', accept)).text();
    const times = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).occurredAt);
    expect(times).toHaveLength(2_500);
    expect(times).toEqual([...times].sort().reverse());

    const hangUp = new AbortController();
    const answer = await api.request('/api/v1/events', { ...accept, signal: hangUp.signal });
    expect(answer.status).toBe(200);
    hangUp.abort();
    expect((await api.request('/healthz')).status).toBe(200);
  });
});

describe('Rejected notifications', () => {
  const id = '11111111-1111-8111-8111-111111111111';
  const receivedAt = instantOf(Date.UTC(2026, 7, 20));

  beforeAll(async () => {
    const rest = { registry: 'local', reason: 'It is no JSON.', contentType: 'text/plain' };
    const payload = Buffer.concat([Buffer.from([0xff]), Buffer.from('x'.repeat(100_000))]);
    await api.record({
      rejected: [
        { id, receivedAt, payload, ...rest },
        { id: id.replaceAll('1', '2'), receivedAt: addMs(receivedAt, 1), payload: Buffer.from('{'), ...rest },
      ],
    });
  });

  it('lists them, newest first, cut and as text', async () => {
    const { items } = await readAll<RejectedView>('/api/v1/rejected', 1);
    expect(items[0]).toMatchObject({ payload: '{', payloadBytes: 1, registry: 'local', replayedAt: null });
    expect(items[1]).toMatchObject({ id, reason: 'It is no JSON.', payloadBytes: 100_001 });
    expect(items[1]?.payload).toBe(`\uFFFD${'x'.repeat(65_535)}`);
  });

  it('says why one still cannot be understood, and marks one that is', async () => {
    const refused = await api.post(`/api/v1/rejected/${id}/replay`);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({
      detail: 'The notification still cannot be understood: It is no JSON.',
    });
    expect((await api.get<Page<RejectedView>>('/api/v1/rejected')).items[1]?.replayedAt).toBeNull();

    api.sources.understood = {
      events: [eventOf('pushed', 50, { tag: 'v7', digest: A })],
      hints: [],
      handshake: null,
      ignored: 1,
      ignoredPulls: 0,
      rejected: [],
    };
    const replayed = await api.post(`/api/v1/rejected/${id}/replay`);
    expect([replayed.status, await replayed.json()]).toEqual([200, { accepted: 1, ignored: 1, rejected: 0 }]);
    expect(api.bus.published).toHaveLength(1);
    expect((await api.get<Page<RejectedView>>('/api/v1/rejected')).items[1]?.replayedAt).toMatch(/Z$/);
    expect((await api.get<Page<EventView>>('/api/v1/events?type=notificationReplayed')).items).toEqual([
      expect.objectContaining({ actor: 'admin', source: 'api', registry: 'local', detail: { rejectedId: id } }),
    ]);
  });
});
