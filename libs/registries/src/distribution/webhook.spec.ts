import { describe, expect, it } from '@jest/globals';
import {
  type Delivery,
  describeAdapterContract,
  outlineOf,
  parse,
  readRecorded,
  summarise,
} from '../adapter-contract.js';
import { distribution } from './adapter.js';

const read = (name: string) => readRecorded(import.meta.url, name);
const eventOf = (delivery: Delivery | undefined) => {
  const { events } = structuredClone(delivery?.body) as { events: [Record<string, unknown>] };
  return events[0];
};
const [overwrite] = read('03-overwrite-tag').slice(-1) as [Delivery];
const [pull] = read('45-auth-pull') as [Delivery];

describeAdapterContract(distribution, {
  deliveries: [overwrite, ...read('v3-push-index'), ...read('v3-delete-digest'), ...read('v3-delete-repository'), pull],
  timed: (timestamp) => ({ ...overwrite, body: { events: [{ ...eventOf(overwrite), timestamp }] } }),
});

describe('distribution notifications', () => {
  it.each<[string, string[], number]>([
    ['01-push-image-by-tag', ['pushed team/app:1.0.0@9c4fcea9'], 2],
    ['03-overwrite-tag', ['pushed team/app:1.0.0@e15368fa'], 2],
    [
      '07-push-oci-index-2-platforms',
      ['pushed team/multi@78ed77a9', 'pushed team/multi@7e3db0f5', 'pushed team/multi:2.0.0@d3d48316'],
      4,
    ],
    ['09-head-manifest-by-tag', [], 1],
    ['14-cross-repo-blob-mount', [], 1],
    [
      '19-delete-manifest-by-digest-two-tags',
      ['manifestDeleted team/app@9c4fcea9', 'tagDeleted team/app:1.0.0', 'tagDeleted team/app:stable'],
      0,
    ],
    ['22-delete-blob', ['manifestDeleted team/other@90b2767d'], 1],
    [
      '24-oci-artifact-with-subject',
      ['pushed team/app:sha256-9c4fcea9ad61c6d87d4d5e22c53ea6a2e600292f3a6c4a05bbf7c69e0f0af871.sig@9e13a520'],
      2,
    ],
    ['45-auth-pull', ['pulled team/multi:1@34e95add'], 0],
    ['v3-push-index', ['pushed team/app:v1@7692c3ad'], 0],
    ['v3-delete-tag', ['tagDeleted team/app:v1'], 0],
    ['v3-delete-digest', ['manifestDeleted team/app@7692c3ad', 'tagDeleted team/app:v1'], 0],
    ['v3-delete-repository', ['repositoryDeleted team/app'], 0],
  ])('%s', (name, expected, ignored) => {
    expect(outlineOf(distribution, read(name))).toEqual({ told: expected, ignored, rejected: [] });
  });

  it('keeps who, when and what the registry claimed', () => {
    expect(parse(distribution, read('v3-push-index')[0] as Delivery).events).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        type: 'pushed',
        registry: 'local',
        repository: 'team/app',
        tag: 'v1',
        digest: expect.stringMatching(/^sha256:7692c3ad/),
        mediaType: 'application/vnd.oci.image.index.v1+json',
        actor: 'ci',
        occurredAt: '2026-11-21T12:00:00.000000Z',
        receivedAt: '2026-11-22T12:00:00.000000Z',
        source: 'distribution',
        sourceId: '0198c1f2-6a1b-7c3d-9e4f-1a2b3c4d5e03',
        claims: {
          userAgent: 'buildkit/v0.14',
          address: '10.0.0.7:41234',
          requestId: '6df24a34-9b7e-4a52-8d1f-0a1b2c3d4e5f',
          instanceId: 'a53db899-6a34-4f0e-9d7d-0c4b8f2f4b11',
        },
      },
    ]);
  });

  it('names nobody for an anonymous actor', () => {
    expect(parse(distribution, overwrite).events.map((event) => event.actor)).toEqual([null]);
  });

  it('gives retries, and the same event at two endpoints, one id', () => {
    const ids = (name: string) =>
      read(name).flatMap((delivery) => parse(distribution, delivery).events.map((event) => event.id));
    expect(new Set(ids('52-sink-slower-than-timeout')).size).toBe(3);
    expect(new Set(ids('44-auth-delete-by-digest')).size).toBe(2);
  });

  it('counts the pulls of blobs among the ignored', () => {
    const event = eventOf(read('01-push-image-by-tag')[0]);
    expect(parse(distribution, { headers: {}, body: { events: [{ ...event, action: 'pull' }] } })).toEqual({
      events: [],
      ignored: 1,
      ignoredPulls: 1,
      rejected: [],
    });
  });

  it('counts a HEAD among the ignored pulls: nothing was transferred', () => {
    const [head] = read('09-head-manifest-by-tag') as [Delivery];
    expect(parse(distribution, head)).toEqual({ events: [], ignored: 1, ignoredPulls: 1, rejected: [] });
  });

  it('does not take a repository with a component "blobs" for a blob', () => {
    const event = eventOf(overwrite);
    const target = { ...(event.target as object), repository: 'team/blobs', tag: undefined };
    const url = 'http://r.example/v2/team/blobs/manifests/sha256:e15368fa';
    const body = { events: [{ ...event, target: { ...target, url } }] };
    expect(parse(distribution, { headers: {}, body }).events.map(summarise)).toEqual(['pushed team/blobs@e15368fa']);
  });

  it('judges each event of a batch alone', () => {
    const good = eventOf(overwrite);
    const noDigest = { ...good, target: { repository: 'team/app', tag: 'v1' } };
    const badTag = { ...good, target: { ...(good.target as object), tag: '-v1' } };
    const result = parse(distribution, { headers: {}, body: { events: [5, good, noDigest, badTag] } });
    expect(result.events.map(summarise)).toEqual(['pushed team/app:1.0.0@e15368fa']);
    expect(result.rejected.map(({ payload }) => JSON.parse(payload))).toEqual([
      { events: [5] },
      { events: [noDigest] },
      { events: [badTag] },
    ]);
    expect(result.rejected[2]?.reason).toMatch(/Tag "-v1" is malformed/);
  });

  it('takes the first thousand of a huge batch and keeps the rest for a replay', () => {
    const events = Array.from({ length: 1500 }, (_, n) => ({ ...eventOf(overwrite), id: `event-${n}` }));
    const result = parse(distribution, { headers: {}, body: { events } });
    expect(result.events).toHaveLength(1000);
    expect(result.rejected).toHaveLength(1);
    const rest = parse(distribution, { headers: {}, body: result.rejected[0]?.payload });
    expect(rest.events.map((event) => event.sourceId).at(-1)).toBe('event-1499');
  });

  it('tells events without an id apart by their bodies', () => {
    const { id: _, ...event } = eventOf(overwrite);
    const ids = [event, event, { ...event, timestamp: '2026-11-22T02:34:03.5Z' }].map(
      (each) => parse(distribution, { headers: {}, body: { events: [each] } }).events[0]?.id,
    );
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });
});
