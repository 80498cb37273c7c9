import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventView, Page, TagView, ViolationView } from '#contracts';
import { type Api, digestOf, eventOf, startApi } from '../api.fixture.js';

const A = digestOf('a');
const B = digestOf('b');

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

let repositories = 0;
let repository: string;
/** A repository of its own, whose tag v1 was sealed at A and overwritten with B. */
async function overwrite(): Promise<string> {
  repositories += 1;
  repository = `team/app${repositories}`;
  await api.record({
    events: [
      eventOf('pushed', 0, { tag: 'v1', repository, digest: A }),
      eventOf('pushed', 10, { tag: 'v1', repository, digest: B, actor: 'mallory' }),
    ],
  });
  const { items } = await api.get<Page<ViolationView>>(`/api/v1/violations?repository=${repository}`);
  return items[0]!.id;
}

const auditTrail = async (type: string) =>
  (await api.get<Page<EventView>>(`/api/v1/events?repository=${repository}&type=${type}`)).items;
const change = (id: string, set: string) => api.sql(`UPDATE violation SET ${set} WHERE id = $1`, [id]);

let id: string;
beforeEach(async () => {
  api.bus.deliver = async () => undefined;
  id = await overwrite();
});

describe('GET', () => {
  it('shows a violation with all that is known of it', async () => {
    await api.sql(
      `INSERT INTO restoration VALUES ($1, 1, '2026-08-20T09:00:11Z', '2026-08-20T09:00:12.5Z', 'failed', 'Blobs are gone.', $2)`,
      [id, [B]],
    );
    expect(await api.get(`/api/v1/violations/${id}`)).toMatchObject({
      id,
      kind: 'overwrite',
      state: 'detected',
      mode: 'enforce',
      registry: 'local',
      repository,
      tag: 'v1',
      sealedDigest: A,
      foundDigest: B,
      actor: 'mallory',
      detectedAt: '2026-08-20T09:00:10.000000Z',
      restoredAt: null,
      rule: { name: 'releases' },
      restorations: [
        {
          attempt: 1,
          endedAt: '2026-08-20T09:00:12.500000Z',
          outcome: 'failed',
          reason: 'Blobs are gone.',
          missingBlobs: [B],
        },
      ],
    });
  });

  it('counts who was exposed, until it was restored, Tagwarden itself left out', async () => {
    const pull = (seconds: number, userAgent: string, digest = B) =>
      eventOf('pulled', seconds, { tag: 'v1', repository, digest, actor: 'node', userAgent });
    await api.record({
      events: [
        pull(9, 'early'),
        pull(11, 'containerd/2'),
        pull(12, 'tagwarden/0.1.0'),
        pull(13, 'docker/27'),
        pull(14, 'ok', A),
      ],
    });
    await change(id, `restored_at = '2026-08-20T09:00:20.9Z', state = 'restored'`);
    await api.record({ events: [pull(30, 'late')] });
    const { exposure } = await api.get<ViolationView>(`/api/v1/violations/${id}`);
    expect(exposure).toMatchObject({ seconds: 10.9, pullCount: 2 });
    expect(exposure.pulls).toEqual([
      {
        digest: B,
        actor: 'node',
        occurredAt: '2026-08-20T09:00:13.000000Z',
        address: '10.0.0.9',
        userAgent: 'docker/27',
      },
      expect.objectContaining({ userAgent: 'containerd/2' }),
    ]);
    expect(
      (await api.get<Page<ViolationView>>(`/api/v1/violations?repository=${repository}`)).items[0]?.exposure,
    ).toEqual(exposure);
  });

  it('lists newest first, by state and name', async () => {
    await api.record({ events: [eventOf('tagDeleted', 20, { tag: 'v1', repository })] });
    const list = (rest = '') =>
      api.get<Page<ViolationView>>(`/api/v1/violations?registry=local&repository=${repository}${rest}`);
    expect((await list()).items.map(({ kind }) => kind)).toEqual(['deletion', 'overwrite']);
    const first = await list('&limit=1');
    expect((await list(`&limit=1&cursor=${first.nextCursor}`)).items[0]?.id).toBe(id);
    expect((await list('&state=restored')).items).toEqual([]);
    expect((await list('&state=detected&tag=v1')).items).toHaveLength(2);
  });
});

describe('POST restore', () => {
  it.each(['detected', 'restoring', 'failed', 'audited'])('has the enforcer look at one that is %s', async (state) => {
    await change(id, `state = '${state}'`);
    await api.sql('DELETE FROM enforcement');
    const answer = await api.post(`/api/v1/violations/${id}/restore`);
    expect([answer.status, ((await answer.json()) as { state: string }).state]).toEqual([200, state]);
    expect(await api.sql('SELECT registry, by_hand FROM enforcement')).toEqual([{ registry: 'local', by_hand: true }]);
    expect(await auditTrail('restoreRequested')).toEqual([
      expect.objectContaining({ actor: 'admin', source: 'api', tag: 'v1', digest: A, detail: { violationId: id } }),
    ]);
  });

  it.each(['restored', 'selfHealed', 'accepted', 'waived', 'withdrawn'])('refuses one that is %s', async (state) => {
    await change(id, `state = '${state}'`);
    const answer = await api.post(`/api/v1/violations/${id}/restore`);
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({
      code: 'VIOLATION_NOT_RESTORABLE',
      detail: expect.stringContaining(state),
    });
    expect(await auditTrail('restoreRequested')).toEqual([]);
  });
});

describe('POST restore, asked why', () => {
  it('keeps the reason in the audit trail', async () => {
    const answer = await api.post(`/api/v1/violations/${id}/restore`, { reason: 'the pipeline is fixed' });
    expect(answer.status).toBe(200);
    expect(await auditTrail('restoreRequested')).toEqual([
      expect.objectContaining({ actor: 'admin', detail: { violationId: id, reason: 'the pipeline is fixed' } }),
    ]);
  });

  it('refuses under a live waiver, naming it', async () => {
    const waiver = { tags: { matching: ['v*'] }, repositories: { matching: [repository] }, reason: 'a hotfix' };
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const made = (await (await api.post('/api/v1/waivers', { ...waiver, expiresAt })).json()) as { id: string };
    const answer = await api.post(`/api/v1/violations/${id}/restore`);
    expect([answer.status, await answer.json()]).toMatchObject([
      409,
      { code: 'VIOLATION_NOT_RESTORABLE', detail: expect.stringContaining(`the waiver ${made.id} permits the change`) },
    ]);
    expect(await auditTrail('restoreRequested')).toEqual([]);
  });
});

describe('POST accept', () => {
  it('makes the found digest the seal', async () => {
    api.bus.deliver = api.recordPublished;
    const answer = await api.post(`/api/v1/violations/${id}/accept`, { reason: ' rebuilt with a fixed base\u0000 ' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id, state: 'accepted' });
    const { items } = await api.get<Page<TagView>>(`/api/v1/tags?repository=${repository}`);
    expect(items[0]).toMatchObject({ state: 'sealed', seal: { digest: B } });
    expect(await auditTrail('sealAccepted')).toEqual([
      expect.objectContaining({
        actor: 'admin',
        digest: B,
        mediaType: expect.any(String),
        source: 'api',
        detail: { violationId: id, reason: expect.stringContaining('rebuilt with a fixed base') },
      }),
    ]);
    expect((await api.post(`/api/v1/violations/${id}/accept`, { reason: 'again' })).status).toBe(409);
  });

  it('is answered with 202 while the recorder has not come to it', async () => {
    const answer = await api.post(`/api/v1/violations/${id}/accept`, { reason: 'it is right' });
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ id, state: 'detected' });
  }, 10_000);

  it('refuses what the tag has left meanwhile', async () => {
    await api.record({ events: [eventOf('pushed', 20, { tag: 'v1', repository, digest: digestOf('c') })] });
    const answer = await api.post(`/api/v1/violations/${id}/accept`, { reason: 'it is right' });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('Accept the newer violation') });
  });

  it('says when the bus is away, without naming it', async () => {
    api.bus.failure = Object.assign(new Error('connect ECONNREFUSED kafka.internal:9092'), { code: 'ECONNREFUSED' });
    const answer = await api.post(`/api/v1/violations/${id}/accept`, { reason: 'it is right' });
    api.bus.failure = null;
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.text()).not.toContain('kafka');
  });
});

describe('POST acknowledge', () => {
  it('marks it once, also without a body', async () => {
    const first = (await (await api.post(`/api/v1/violations/${id}/acknowledge`, { note: 'on it' })).json()) as object;
    expect(first).toMatchObject({
      state: 'detected',
      acknowledgedBy: 'admin',
      acknowledgedAt: expect.stringMatching(/Z$/),
    });
    const second = (await (await api.post(`/api/v1/violations/${id}/acknowledge`)).json()) as object;
    expect({ ...second, exposure: null }).toEqual({ ...first, exposure: null });
    expect(await auditTrail('violationAcknowledged')).toEqual([
      expect.objectContaining({ actor: 'admin', detail: { violationId: id, note: 'on it' } }),
    ]);
  });
});
