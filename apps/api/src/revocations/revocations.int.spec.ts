import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventView, Page, RevocationView, ViolationView } from '#contracts';
import type { Digest } from '#domain';
import { type Api, digestOf, eventOf, startApi } from '../api.fixture.js';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

let runs = 0;
let repository: string;
let [sealed, found]: [Digest, Digest] = [digestOf('-'), digestOf('-')];
let id: string;
/** Digests and a repository of its own, whose tag v1 was sealed and overwritten. */
beforeEach(async () => {
  runs += 1;
  repository = `team/app${runs}`;
  [sealed, found] = [digestOf(`sealed ${runs}`), digestOf(`found ${runs}`)];
  await api.record({
    events: [
      eventOf('pushed', 0, { tag: 'v1', repository, digest: sealed }),
      eventOf('pushed', 10, { tag: 'v1', repository, digest: found }),
    ],
  });
  const { items } = await api.get<Page<ViolationView>>(`/api/v1/violations?repository=${repository}`);
  id = items[0]!.id;
});

const revoke = (digest: string, reason = 'It holds a miner.') => api.post('/api/v1/revocations', { digest, reason });
const reinstate = (digest: string, body: unknown = { reason: 'a false alarm' }) =>
  api.request(`/api/v1/revocations/${digest}`, {
    method: 'DELETE',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  });
const problemOf = async (answer: Response) => [
  answer.status,
  (await answer.json()) as { code: string; detail: string },
];

describe('A revoked digest', () => {
  it('is listed with who and why, newest first, until it is reinstated', async () => {
    const answer = await revoke(sealed);
    expect(answer.status).toBe(201);
    const view = (await answer.json()) as RevocationView;
    expect(view).toMatchObject({ digest: sealed, reason: 'It holds a miner.', revokedBy: 'admin' });
    await revoke(found);
    const first = await api.get<Page<RevocationView>>('/api/v1/revocations?limit=1');
    expect(first.items.map(({ digest }) => digest)).toEqual([found]);
    const rest = await api.get<Page<RevocationView>>(`/api/v1/revocations?cursor=${first.nextCursor}`);
    expect(rest.items[0]).toEqual(view);

    const back = await reinstate(sealed);
    expect([back.status, await back.json()]).toEqual([200, view]);
    const { items } = await api.get<Page<RevocationView>>('/api/v1/revocations');
    expect(items.map(({ digest }) => digest)).not.toContain(sealed);
    const trail = await api.get<Page<EventView>>(`/api/v1/events?digest=${sealed}`);
    expect(trail.items.filter(({ source }) => source === 'api')).toEqual([
      expect.objectContaining({ type: 'digestReinstated', actor: 'admin', detail: { reason: 'a false alarm' } }),
      expect.objectContaining({ type: 'digestRevoked', actor: 'admin', detail: { reason: 'It holds a miner.' } }),
    ]);
  });

  it('is revoked once, and reinstated only where it was revoked, with a reason', async () => {
    expect(await problemOf(await reinstate(sealed))).toMatchObject([404, { code: 'REVOCATION_UNKNOWN' }]);
    await revoke(sealed);
    expect(await problemOf(await revoke(sealed))).toMatchObject([409, { code: 'DIGEST_ALREADY_REVOKED' }]);
    expect(await problemOf(await reinstate(sealed, {}))).toMatchObject([400, { code: 'REQUEST_INVALID' }]);
    expect(await problemOf(await revoke('sha256:1'))).toMatchObject([400, { code: 'REQUEST_INVALID' }]);
  });

  it('is not restored by hand', async () => {
    await revoke(sealed);
    expect(await problemOf(await api.post(`/api/v1/violations/${id}/restore`))).toMatchObject([
      409,
      { code: 'DIGEST_REVOKED', detail: expect.stringMatching(/revoked by admin at .*It holds a miner/) },
    ]);
    await reinstate(sealed);
    expect((await api.post(`/api/v1/violations/${id}/restore`)).status).toBe(200);
  });

  it('is not accepted as a seal, nor is an index that lists it', async () => {
    const child = digestOf(`child ${runs}`);
    await api.sql(
      "INSERT INTO manifest (digest, media_type, bytes, children, blobs, kept_at) VALUES ($1, 'index', '', $2, '{}', now())",
      [found, [child]],
    );
    for (const digest of [found, child]) {
      await revoke(digest);
      const [status, problem] = await problemOf(
        await api.post(`/api/v1/violations/${id}/accept`, { reason: 'it is right' }),
      );
      expect([status, problem]).toMatchObject([409, { code: 'DIGEST_REVOKED' }]);
      expect(JSON.stringify(problem)).toContain(digest);
      await reinstate(digest);
    }
    expect((await api.post(`/api/v1/violations/${id}/restore`)).status).toBe(200);
  });

  it('has the tags that failed for it looked at again when it is reinstated', async () => {
    await revoke(sealed);
    await api.sql("UPDATE violation SET state = 'failed' WHERE id = $1", [id]);
    await api.sql('DELETE FROM enforcement');
    await reinstate(sealed);
    expect(await api.sql('SELECT by_hand FROM enforcement')).toEqual([{ by_hand: false }]);
  });
});
