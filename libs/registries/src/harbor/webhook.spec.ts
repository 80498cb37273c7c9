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
import { harbor } from './adapter.js';

const read = (name: string) => readRecorded(import.meta.url, name);
const [push] = read('push') as [Delivery];
const [cloudPush] = read('cloudevents-push') as [Delivery];

const withBody = (delivery: Delivery, changes: object): Delivery => ({
  ...delivery,
  body: { ...(delivery.body as object), ...changes },
});

describeAdapterContract(harbor, {
  deliveries: [push, ...read('push-untagged'), ...read('pull'), ...read('delete'), ...read('retention')],
  timed: null,
});
describeAdapterContract(harbor, {
  deliveries: [cloudPush, ...read('cloudevents-delete'), ...read('cloudevents-tag-created')],
  timed: (time) => withBody(cloudPush, { time }),
});

describe('harbor notifications', () => {
  it.each<[string, string[], number]>([
    ['push', ['pushed team/app:v1@1a1a1a1a'], 0],
    ['push-untagged', ['pushed team/app@1a1a1a1a'], 0],
    ['pull', ['pulled team/app:v1@1a1a1a1a'], 0],
    ['delete', ['manifestDeleted team/app@1a1a1a1a', 'manifestDeleted team/app@2b2b2b2b'], 0],
    ['cloudevents-push', ['pushed team/app:v1@1a1a1a1a'], 0],
    ['cloudevents-delete', ['manifestDeleted team/app@1a1a1a1a'], 0],
    ['cloudevents-tag-created', ['pushed team/app:v1.0@1a1a1a1a'], 0],
    ['retention', ['hint team/app/web:v0.9'], 0],
    ['others', [], 3],
  ])('%s', (name, expected, ignored) => {
    expect(outlineOf(harbor, read(name))).toEqual({ told: expected, ignored, rejected: [] });
  });

  it('reads both formats alike, but for the id that the default one has not', () => {
    const comparable = (delivery: Delivery) => {
      const [event] = parse(harbor, delivery).events;
      return { ...event, id: null, sourceId: null, claims: null };
    };
    expect(comparable(cloudPush)).toEqual(comparable(push));
  });

  it.each<[string, unknown, string]>([
    ['its seconds', 1795348798, '2026-11-22T11:59:58.000000Z'],
    ['no time', undefined, '2026-11-22T12:00:00.000000Z'],
    ['zero', 0, '2026-11-22T12:00:00.000000Z'],
    ['less than nothing', -62135596800, '2026-11-22T12:00:00.000000Z'],
    ['the future', 4102444800, '2026-11-22T12:00:00.000000Z'],
    ['more than a date can be', 1e300, '2026-11-22T12:00:00.000000Z'],
    ['a text', '2026-11-22T11:59:58Z', '2026-11-22T12:00:00.000000Z'],
    ['long ago', 1700000000, '2026-11-21T12:00:00.000000Z'],
  ])('believes %s in the default format as far as it can', (_, occur_at, expected) => {
    expect(parse(harbor, withBody(push, { occur_at })).events.map((event) => event.occurredAt)).toEqual([expected]);
  });

  it('keeps pushes apart that the default format gives no id', () => {
    const resource = (digest: string) => ({
      event_data: {
        resources: [{ digest: `sha256:${digest.repeat(64)}`, tag: 'v1' }],
        repository: { repo_full_name: 'team/app' },
      },
    });
    const deliveries = [
      withBody(push, resource('a')),
      withBody(push, resource('b')),
      withBody(push, { ...resource('a'), occur_at: 1795348799 }),
    ];
    const ids = deliveries.flatMap((delivery) => parse(harbor, delivery).events.map(({ id }) => id));
    expect(new Set(ids).size).toBe(3);
  });

  it('takes the same CloudEvent from two policies for two events', () => {
    const ids = [cloudPush, withBody(cloudPush, { source: '/projects/1/webhook/policies/4' })].flatMap((delivery) =>
      parse(harbor, delivery).events.map(({ id }) => id),
    );
    expect(new Set(ids).size).toBe(2);
  });

  it('tells of each artifact of one notification', () => {
    const resources = ['a', 'b'].map((letter) => ({ digest: `sha256:${letter.repeat(64)}`, tag: `v${letter}` }));
    const data = { resources, repository: { namespace: 'team', name: 'app' } };
    const { events } = parse(harbor, withBody(cloudPush, { data }));
    expect(events.map(summarise)).toEqual(['pushed team/app:va@aaaaaaaa', 'pushed team/app:vb@bbbbbbbb']);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  });

  it.each<[string, string, object, string[]]>([
    ['a push without a digest', 'PUSH_ARTIFACT', { tag: 'v1' }, ['hint team/app:v1']],
    ['a push with an empty digest', 'PUSH_ARTIFACT', { digest: '', tag: 'v1' }, ['hint team/app:v1']],
    ['a deletion without a digest', 'DELETE_ARTIFACT', { tag: 'v1' }, ['tagDeleted team/app:v1']],
    [
      'a deletion whose tag is the digest',
      'DELETE_ARTIFACT',
      { tag: `sha256:${'c'.repeat(64)}` },
      ['manifestDeleted team/app@cccccccc'],
    ],
    ['a push of nothing', 'PUSH_ARTIFACT', {}, []],
    ['a pull without a digest', 'PULL_ARTIFACT', { tag: 'v1' }, []],
  ])('%s', (_, type, resource, expected) => {
    const event_data = { resources: [resource], repository: { repo_full_name: 'team/app' } };
    const result = parse(harbor, withBody(push, { type, event_data }));
    expect(toldBy(result).map(summarise)).toEqual(expected);
    expect(result.rejected).toHaveLength(expected.length === 0 ? 1 : 0);
  });

  it('rejects what it cannot read of a notification once, and tells the rest', () => {
    const resources = [
      { digest: 'short' },
      { digest: `sha256:${'a'.repeat(64)}`, tag: 'v1' },
      { digest: 'also short' },
    ];
    const data = { resources, repository: { repo_full_name: 'team/app' } };
    const result = parse(harbor, withBody(cloudPush, { data }));
    expect(result.events.map(summarise)).toEqual(['pushed team/app:v1@aaaaaaaa']);
    expect(result.rejected).toHaveLength(1);
  });

  it('ignores a retention run that names nothing', () => {
    const event_data = { retention: { project_name: 'team', deleted_artifact: null } };
    expect(parse(harbor, withBody(push, { type: 'TAG_RETENTION', event_data }))).toMatchObject({
      ignored: 1,
      rejected: [],
    });
  });

  it('says who did it, but not for a retention run, whose operator is what triggered it', () => {
    expect(parse(harbor, push).events.map(({ actor }) => actor)).toEqual(['robot$ci']);
    expect(parse(harbor, read('retention')[0] as Delivery).hints?.map(({ actor }) => actor)).toEqual([null]);
  });
});
