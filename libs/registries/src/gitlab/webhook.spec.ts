import { describe, expect, it } from '@jest/globals';
import {
  type Delivery,
  describeAdapterContract,
  outlineOf,
  parse,
  readRecorded,
  summarise,
} from '../adapter-contract.js';
import { gitlab } from './adapter.js';

const read = (name: string) => readRecorded(import.meta.url, name);
const [push] = read('push') as [Delivery];
const eventOf = ({ body }: Delivery) => (structuredClone(body) as { events: [Record<string, unknown>] }).events[0];

describeAdapterContract(gitlab, {
  deliveries: [push, ...read('delete-tag'), ...read('delete-manifest'), ...read('delete-repository'), ...read('pull')],
  timed: (timestamp) => ({ ...push, body: { events: [{ ...eventOf(push), timestamp }] } }),
});

describe('GitLab notifications', () => {
  it.each<[string, string[], number]>([
    ['push', ['pushed team/app:v1@a1b2c3d4'], 0],
    ['push-index', ['pushed team/app@a1b2c3d4', 'pushed team/app:v2@0f1e2d3c'], 2],
    ['delete-tag', ['tagDeleted team/app:v1'], 0],
    ['delete-manifest', ['manifestDeleted team/app@a1b2c3d4'], 0],
    ['delete-repository', ['repositoryDeleted team/app'], 0],
    ['pull', ['pulled team/app:v1@a1b2c3d4'], 0],
  ])('%s', (name, expected, ignored) => {
    expect(outlineOf(gitlab, read(name))).toEqual({ told: expected, ignored, rejected: [] });
  });

  it('takes an empty tag for the name of nothing, and never for the whole repository', () => {
    const [nameless, byDigest] = read('delete-tag-without-name').map((delivery) => parse(gitlab, delivery));
    expect(nameless?.events).toEqual([]);
    expect(nameless?.rejected.map(({ reason }) => reason)).toEqual([expect.stringContaining('its name is empty')]);
    expect(byDigest?.events.map(summarise)).toEqual(['manifestDeleted team/app@a1b2c3d4']);
  });

  it('says who it was, and what kind of account', () => {
    expect(parse(gitlab, push).events[0]).toMatchObject({
      actor: 'ci',
      source: 'gitlab',
      claims: { userType: 'personal_access_token', userAgent: 'docker/27.0' },
    });
    const nobody = { ...eventOf(push), actor: { user_type: 'deploy_token', name: '' } };
    expect(parse(gitlab, { ...push, body: { events: [nobody] } }).events[0]).toMatchObject({
      actor: null,
      claims: { userType: 'deploy_token' },
    });
  });

  it('keeps nothing of the token that comes with the actor', () => {
    const event = eventOf(push);
    const { user } = event.actor as { user: string };
    const good = parse(gitlab, push);
    const bad = parse(gitlab, { ...push, body: { events: [{ ...event, target: { repository: 'team/app' } }] } });
    expect(bad.rejected).toHaveLength(1);
    expect(JSON.stringify([good, bad])).not.toContain(user);
  });

  it('judges each event of a batch alone, and takes the first thousand', () => {
    const events = [5, ...Array.from({ length: 1200 }, (_, n) => ({ ...eventOf(push), id: `event-${n}` }))];
    const { events: taken, rejected } = parse(gitlab, { ...push, body: { events } });
    expect(taken).toHaveLength(999);
    expect(rejected.map(({ payload }) => (JSON.parse(payload) as { events: unknown[] }).events.length)).toEqual([
      1, 201,
    ]);
  });
});
