import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  type Delivery,
  describeAdapterContract,
  outlineOf,
  parse,
  readRecorded,
  summarise,
  toldBy,
} from '../adapter-contract.js';
import { nexus } from './adapter.js';

const read = (name: string) => readRecorded(import.meta.url, name);
const [created] = read('created') as [Delivery];
const ownPort = { repositories: 'docker-hosted=' };
type Body = { component: Record<string, unknown>; [key: string]: unknown };
const changed = (change: object, component: object = {}): Delivery => {
  const body = structuredClone(created.body) as Body;
  Object.assign(body, change);
  Object.assign(body.component, component);
  return { ...created, body };
};

describeAdapterContract(nexus, {
  deliveries: [created, ...read('updated'), ...read('deleted'), ...read('by-digest')],
  timed: (timestamp) => changed({ timestamp }),
  senders: {
    sign: (body, secret) => ({
      'x-nexus-webhook-signature': createHmac('sha1', secret).update(body).digest('hex'),
    }),
  },
});

describe('Nexus notifications', () => {
  it.each<[string, string[], number]>([
    ['created', ['hint team/app:v1'], 0],
    ['updated', ['hint team/app:v1'], 0],
    ['deleted', ['tagDeleted team/app:v1'], 0],
    ['by-digest', ['pushed team/app@a1b2c3d4', 'manifestDeleted team/app@a1b2c3d4'], 0],
    ['others', [], 3],
  ])('%s', (name, expected, ignored) => {
    expect(outlineOf(nexus, read(name), ownPort)).toEqual({ told: expected, ignored, rejected: [] });
  });

  it.each([
    ['docker-hosted=', 'team/app'],
    ['docker-hosted', 'docker-hosted/team/app'],
    ['other=, docker-hosted=docker', 'docker/team/app'],
    ['other=', null],
  ])('names the repository as it is reached, with repositories %p', (repositories, expected) => {
    const { hints = [], ignored, rejected } = parse(nexus, created, undefined, { repositories });
    expect(hints.map(({ repository }) => repository)).toEqual(expected === null ? [] : [expected]);
    expect([ignored, rejected]).toEqual([expected === null ? 1 : 0, []]);
  });

  it('keeps what was purged by internal ids where somebody sees it, and only for the repositories that are ours', () => {
    for (const delivery of read('purged')) {
      const { events, hints, rejected } = parse(nexus, delivery, undefined, ownPort);
      expect([events, hints]).toEqual([[], []]);
      expect(rejected).toMatchObject([{ reason: expect.stringContaining('the next sweep finds which tags are gone') }]);
      expect(parse(nexus, delivery, undefined, { repositories: 'other=' })).toMatchObject({ ignored: 1, rejected: [] });
    }
  });

  it('takes a purge that names its component for a deletion', () => {
    expect(parse(nexus, changed({ action: 'PURGED' })).events.map(summarise)).toEqual([
      'tagDeleted docker-hosted/team/app:v1',
    ]);
  });

  it.each([
    ['ci/10.0.0.7', 'ci', '10.0.0.7'],
    ['team/ci/2001:db8::7', 'team/ci', '2001:db8::7'],
    ['anonymous/10.0.0.7', null, '10.0.0.7'],
    ['*TASK', '*TASK', undefined],
    ['', null, undefined],
    [null, null, undefined],
  ])('reads who and from where out of %p', (initiator, actor, address) => {
    const [hint] = parse(nexus, changed({ initiator })).hints ?? [];
    expect([hint?.actor, hint?.claims.address]).toEqual([actor, address]);
  });

  it.each<[string, object, object]>([
    ['action "MOVED" is unknown', { action: 'MOVED' }, {}],
    ['names no component', {}, { name: null }],
    ['or no version', {}, { version: '' }],
    ['Tag "-v1" is malformed', {}, { version: '-v1' }],
  ])('rejects what it cannot understand, and keeps its delivery: %s', (reason, change, component) => {
    const result = parse(nexus, changed(change, component));
    expect(toldBy(result)).toEqual([]);
    expect(result.rejected).toMatchObject([
      {
        reason: expect.stringContaining(reason),
        payload: expect.stringContaining(String(created.headers['x-nexus-webhook-delivery'])),
      },
    ]);
  });
});
