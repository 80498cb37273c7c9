import { describe, expect, it } from '@jest/globals';
import {
  type Delivery,
  describeAdapterContract,
  outlineOf,
  parse,
  readRecorded,
  summarise,
} from '../adapter-contract.js';
import { acr } from './adapter.js';

const read = (name: string) => readRecorded(import.meta.url, name);
const [push] = read('push') as [Delivery];
const [viaGrid] = read('event-grid-push') as [Delivery];
const [validation] = read('event-grid-validation') as [Delivery];
const bodyOf = (delivery: Delivery) => delivery.body as Record<string, unknown>;
const gridOf = (delivery: Delivery) => (delivery.body as Record<string, unknown>[])[0] ?? {};
const withTarget = (action: string, target: unknown) => ({ ...push, body: { ...bodyOf(push), action, target } });

describeAdapterContract(acr, {
  deliveries: [
    push,
    ...read('push-overwrite'),
    ...read('push-untagged'),
    ...read('delete-manifest'),
    ...read('delete-repository'),
  ],
  timed: (timestamp) => ({ ...push, body: { ...bodyOf(push), timestamp } }),
});
describeAdapterContract(acr, {
  deliveries: [viaGrid, ...read('event-grid-delete')],
  timed: (time) => {
    const data = { ...(gridOf(viaGrid).data as object), timestamp: undefined };
    return { ...viaGrid, body: [{ ...gridOf(viaGrid), eventTime: time, data }] };
  },
  senders: 'own',
});

describe('acr notifications', () => {
  it.each<[string, string[], number]>([
    ['push', ['pushed team/app:v1@f20c4316'], 0],
    ['push-overwrite', ['pushed team/app:v1@2b2b2b2b'], 0],
    ['push-untagged', ['pushed team/app@f20c4316', 'pushed team/app@f20c4316'], 0],
    ['delete-manifest', ['manifestDeleted team/app@f20c4316'], 0],
    ['delete-repository', ['repositoryDeleted team/app'], 0],
    ['others', [], 4],
    ['event-grid-push', ['pushed team/app:v1@f20c4316'], 0],
    ['event-grid-delete', ['manifestDeleted team/app@f20c4316'], 0],
    ['event-grid-cloudevents', ['pushed team/app:v1@f20c4316', 'pushed team/app:v1@f20c4316'], 0],
  ])('%s', (name, expected, ignored) => {
    expect(outlineOf(acr, read(name))).toEqual({ told: expected, ignored, rejected: [] });
  });

  it('has an id of its own, a user agent, and nobody who did it', () => {
    const told = { actor: null, source: 'acr', sourceId: 'cb8c3971-9adc-488b-bdd8-43cbb4974ff5' };
    const claims = { userAgent: 'buildkit/v0.14' };
    expect(parse(acr, push).events).toMatchObject([{ ...told, claims }]);
    expect(parse(acr, viaGrid).events).toMatchObject([{ actor: null, sourceId: gridOf(viaGrid).id }]);
  });

  it("reads both of Event Grid's schemas alike", () => {
    const [array, single] = read('event-grid-cloudevents') as [Delivery, Delivery];
    const ids = [viaGrid, array, single].map((each) => parse(acr, each).events.map(({ id }) => id));
    expect(ids[1]).toEqual(ids[0]);
    expect(ids[2]).toEqual(ids[0]);
  });

  it('judges the events of a batch one by one', () => {
    const result = parse(acr, read('event-grid-batch')[0] as Delivery);
    expect(result.events.map(summarise)).toEqual(['pushed team/app:v1@f20c4316', 'manifestDeleted team/app@f20c4316']);
    expect(result).toMatchObject({ ignored: 1, rejected: [{ reason: expect.stringContaining('"sha256:short"') }] });
    expect(JSON.parse(result.rejected[0]?.payload ?? '')).toMatchObject({ id: 'a4' });
  });

  it.each<[string, Delivery, string[]]>([
    ['a push without a digest', withTarget('push', { repository: 'team/app', tag: 'v1' }), ['hint team/app:v1']],
    [
      'a deletion that names a tag after all',
      withTarget('delete', { repository: 'team/app', tag: 'v1' }),
      ['tagDeleted team/app:v1'],
    ],
  ])('understands %s', (_, delivery, expected) => {
    expect(outlineOf(acr, [delivery]).told).toEqual(expected);
  });

  it.each([
    ['no target', withTarget('push', undefined)],
    ['neither tag nor digest', withTarget('push', { repository: 'team/app' })],
  ])('rejects a push with %s', (_, delivery) => {
    expect(parse(acr, delivery)).toMatchObject({ events: [], ignored: 0, rejected: [{}] });
  });

  it('takes a thousand events of a body, and keeps the rest for a replay', () => {
    const body = Array.from({ length: 1002 }, (_, n) => ({ ...gridOf(viaGrid), id: `e${n}` }));
    const result = parse(acr, { ...viaGrid, body });
    expect(result.events).toHaveLength(1000);
    expect(parse(acr, { headers: {}, body: result.rejected[0]?.payload }).events).toHaveLength(2);
  });
});

describe('the handshake of Event Grid', () => {
  it('is answered with its code', () => {
    expect(parse(acr, validation)).toMatchObject({
      events: [],
      rejected: [],
      ignored: 0,
      handshake: { type: 'reply', body: { validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' } },
    });
  });

  it.each([undefined, '', 5, {}, 'x'.repeat(257)])('is not answered where the code is %p', (validationCode) => {
    const body = [{ ...gridOf(validation), data: { validationCode } }];
    const { handshake, rejected } = parse(acr, { ...validation, body });
    expect(handshake ?? null).toBeNull();
    expect(rejected).toHaveLength(1);
  });
});
