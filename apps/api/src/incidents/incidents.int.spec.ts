import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventView, IncidentOutcomeView, IncidentView, Page, ViolationView } from '#contracts';
import { type Api, digestOf, eventOf, startApi } from '../api.fixture.js';

const A = digestOf('a');
const B = digestOf('b');
const NOWHERE = '00000000-0000-8000-8000-000000000000';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

let runs = 0;
let actor: string;
let id: string;
let members: ViolationView[];

/** Three tags in two repositories, sealed at A and moved by somebody of this spec's own: two overwritten, one deleted. */
beforeEach(async () => {
  runs += 1;
  actor = `mallory${runs}`;
  const [one, two] = [`team/one${runs}`, `team/two${runs}`];
  const moved = { repository: one, digest: digestOf(`moved ${runs}`), actor };
  api.bus.deliver = async () => undefined;
  await api.record({
    events: [
      eventOf('pushed', 0, { tag: 'v1', repository: one, digest: A }),
      eventOf('pushed', 0, { tag: 'v2', repository: one, digest: A }),
      eventOf('pushed', 0, { tag: 'v1', repository: two, digest: A }),
      eventOf('pushed', 10 + runs, { tag: 'v1', ...moved }),
      eventOf('pushed', 20 + runs, { tag: 'v2', ...moved }),
      eventOf('tagDeleted', 30 + runs, { tag: 'v1', repository: two, actor }),
    ],
  });
  const { items } = await api.get<Page<ViolationView>>(`/api/v1/violations?repository=${two}`);
  id = items[0]!.incident!.id;
  members = (await api.get<Page<ViolationView>>(`/api/v1/violations?incident=${id}`)).items;
});

const incident = () => api.get<IncidentView>(`/api/v1/incidents/${id}`);
const ask = async (what: string, body?: unknown) => {
  const answer = await api.post(`/api/v1/incidents/${id}/${what}`, body);
  return { status: answer.status, ...((await answer.json()) as IncidentOutcomeView) };
};
const deeds = async (type: string) =>
  (await api.get<Page<EventView>>(`/api/v1/events?type=${type}`)).items.filter(
    ({ detail }) => detail?.incidentId === id,
  );
const change = (violation: ViolationView, set: string) =>
  api.sql(`UPDATE violation SET ${set} WHERE id = $1`, [violation.id]);
const membersNow = async () => (await api.get<Page<ViolationView>>(`/api/v1/violations?incident=${id}`)).items;

describe('GET', () => {
  it('shows what belongs together, and each violation one by one', async () => {
    expect(await incident()).toEqual({
      id,
      openedAt: members.at(-1)?.detectedAt,
      lastAt: members[0]?.detectedAt,
      closedAt: null,
      identity: { registry: 'local', actor },
      isMixed: false,
      digests: [digestOf(`moved ${runs}`)],
      members: 3,
      states: { detected: 3 },
      kinds: { overwrite: 2, deletion: 1 },
      registries: ['local'],
      repositories: 2,
    });
    expect(members.map(({ tag, incident }) => [tag, incident])).toEqual(
      ['v1', 'v2', 'v1'].map((tag) => [tag, { id, members: 3 }]),
    );
    expect(await deeds('incidentOpened')).toEqual([
      expect.objectContaining({
        actor: 'tagwarden',
        registry: 'local',
        detail: expect.objectContaining({ by: actor }),
      }),
    ]);
  });

  it('lists the newest first, by state and registry', async () => {
    const list = async (query: string) =>
      (await api.get<Page<IncidentView>>(`/api/v1/incidents?${query}`)).items.map((one) => one.id);
    expect((await list('registry=local&state=open'))[0]).toBe(id);
    expect(await list('state=closed')).not.toContain(id);
    expect(await list('registry=elsewhere')).toEqual([]);
    const first = await api.get<Page<IncidentView>>('/api/v1/incidents?limit=1');
    expect(first.items.map((one) => one.id)).toEqual([id]);
    if (runs > 1) expect(await list(`limit=500&cursor=${first.nextCursor}`)).not.toContain(id);
  });

  it.each(['', '/restore', '/acknowledge'])('does not know another: %s', async (action) => {
    const path = `/api/v1/incidents/${NOWHERE}${action}`;
    const answer = action === '' ? await api.request(path) : await api.post(path);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'INCIDENT_UNKNOWN' });
  });

  it('refuses a state that there is not', async () => {
    expect((await api.request('/api/v1/incidents?state=broken')).status).toBe(400);
  });
});

describe('POST restore', () => {
  it('has the enforcer look at all that are open, and says why for whom it does not', async () => {
    await api.sql('DELETE FROM enforcement');
    await change(members[1]!, "ended_by = 'released', ended_at = now()");
    await change(members[2]!, "state = 'restored'");
    const outcome = await ask('restore', { reason: 'it was a mistake' });
    expect(outcome).toMatchObject({ status: 200, done: 1, underWay: 0, incident: { id, members: 3 } });
    expect(outcome.refused).toEqual([
      { violationId: members[1]?.id, code: 'VIOLATION_NOT_RESTORABLE', reason: expect.stringContaining('no rule') },
    ]);
    expect(await api.sql('SELECT by_hand FROM enforcement')).toEqual([{ by_hand: true }]);
    expect(await deeds('incidentRestoreRequested')).toEqual([
      expect.objectContaining({
        actor: 'admin',
        detail: { incidentId: id, violations: 2, reason: 'it was a mistake' },
      }),
    ]);
    const { items } = await api.get<Page<EventView>>(`/api/v1/events?type=restoreRequested&limit=1`);
    expect(items[0]?.detail).toMatchObject({ violationId: members[0]?.id, reason: 'it was a mistake' });
  });

  it('names none where nothing is open', async () => {
    for (const member of members) await change(member, "state = 'restored'");
    expect(await ask('restore')).toMatchObject({
      status: 200,
      done: 0,
      refused: [],
      incident: { states: { restored: 3 } },
    });
  });
});

describe('POST accept', () => {
  it('seals what was found under each tag, and closes the incident', async () => {
    api.bus.deliver = api.recordPublished;
    const outcome = await ask('accept', { reason: 'a planned rebuild' });
    expect(outcome).toMatchObject({ status: 200, done: 3, underWay: 0, refused: [] });
    expect(outcome.incident).toMatchObject({ states: { accepted: 3 }, closedAt: expect.stringMatching(/Z$/) });
    expect((await membersNow()).map(({ state }) => state)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await deeds('incidentAccepted')).toEqual([
      expect.objectContaining({ detail: { incidentId: id, violations: 3, reason: 'a planned rebuild' } }),
    ]);
  });

  it('wants a reason', async () => {
    expect((await api.post(`/api/v1/incidents/${id}/accept`, {})).status).toBe(400);
    expect(await deeds('incidentAccepted')).toEqual([]);
  });

  it('names the one whose tag has moved on', async () => {
    const { repository, tag } = members[2]!;
    await api.record({
      events: [eventOf('pushed', 40 + runs, { tag, repository, digest: B, actor: 'somebody else' })],
    });
    api.bus.deliver = api.recordPublished;
    const { done, refused } = await ask('accept', { reason: 'a planned rebuild' });
    expect(done).toBe(2);
    expect(refused.map(({ violationId, code }) => [violationId, code])).toEqual([
      [members[2]?.id, 'VIOLATION_NOT_ACCEPTABLE'],
    ]);
  });

  it('waits once for all, and says how many are on their way', async () => {
    const outcome = await ask('accept', { reason: 'a planned rebuild' });
    expect(outcome).toMatchObject({ status: 202, done: 0, underWay: 3, refused: [] });
  }, 20_000);

  it('hides nothing where the bus is away, and shows nothing of it', async () => {
    api.bus.failure = new Error('connect ECONNREFUSED kafka.internal:9092');
    const outcome = await ask('accept', { reason: 'a planned rebuild' });
    api.bus.failure = null;
    expect(outcome).toMatchObject({ status: 200, done: 0 });
    expect(outcome.refused.map(({ code }) => code)).toEqual(['NOT_DONE', 'NOT_DONE', 'NOT_DONE']);
    expect(JSON.stringify(outcome)).not.toContain('kafka');
  });
});

describe('POST acknowledge', () => {
  it('marks those that nobody has marked', async () => {
    await api.post(`/api/v1/violations/${members[0]?.id}/acknowledge`);
    expect(await ask('acknowledge', { note: 'on it' })).toMatchObject({ status: 200, done: 2, refused: [] });
    expect((await membersNow()).every(({ acknowledgedBy }) => acknowledgedBy === 'admin')).toBe(true);
    expect(await deeds('incidentAcknowledged')).toEqual([
      expect.objectContaining({ detail: { incidentId: id, violations: 2, reason: 'on it' } }),
    ]);
  });
});
