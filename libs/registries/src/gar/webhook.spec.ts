import { describe, expect, it } from '@jest/globals';
import { parseRegistryName } from '#domain';
import {
  type Delivery,
  describeAdapterContract,
  outlineOf,
  parse,
  RECEIVED_AT,
  readRecorded,
  summarise,
  toldBy,
} from '../adapter-contract.js';
import { gar } from './adapter.js';

type Envelope = { message: Record<string, unknown>; subscription: string };
const read = (name: string) => readRecorded(import.meta.url, name);
const [push] = read('push') as [Delivery];
const envelope = push.body as Envelope;

/** The push with other data in it. */
const withData = (data: unknown): Delivery => {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  const message = { ...envelope.message, data: Buffer.from(text).toString('base64') };
  return { ...push, body: { ...envelope, message } };
};
const change = JSON.parse(Buffer.from(String(envelope.message.data), 'base64').toString('utf8'));

describeAdapterContract(gar, {
  deliveries: [
    push,
    ...read('push-overwrite'),
    ...read('push-untagged'),
    ...read('delete-tag'),
    ...read('delete-manifest'),
  ],
  timed: (time) => {
    const message = { ...envelope.message, publishTime: time, publish_time: time };
    return { ...push, body: { ...envelope, message } };
  },
  senders: 'own',
});

describe('gar notifications', () => {
  it.each<[string, string[]]>([
    ['push', ['pushed my-project/images/team/app:v1@f20c4316']],
    ['push-overwrite', ['pushed my-project/images/team/app:v1@2b2b2b2b']],
    ['push-untagged', ['pushed my-project/images/team/app@f20c4316', 'pushed my-project/images/team/app@f20c4316']],
    ['delete-tag', ['tagDeleted my-project/images/team/app:v1']],
    ['delete-manifest', ['manifestDeleted my-project/images/team/app@f20c4316']],
    ['older-host', ['pushed my-project/app:v1@f20c4316']],
    ['project-of-a-domain', ['pushed example.com/my-project/images/app:v1@f20c4316']],
  ])('%s', (name, expected) => {
    expect(outlineOf(gar, read(name))).toEqual({ told: expected, ignored: 0, rejected: [] });
  });

  it('has an id of its own, nobody who did it, and no media type', () => {
    expect(parse(gar, push).events).toMatchObject([
      { actor: null, source: 'gar', sourceId: '1234567890', mediaType: null },
    ]);
  });

  it('asks the registry for the digest where a push names none', () => {
    const result = parse(gar, withData({ action: 'INSERT', tag: change.tag }));
    expect(toldBy(result).map(summarise)).toEqual(['hint my-project/images/team/app:v1']);
  });

  it('reads the names that older libraries give the keys', () => {
    const { messageId, publishTime, ...message } = envelope.message;
    expect(parse(gar, { ...push, body: { ...envelope, message } })).toEqual(parse(gar, push));
  });

  it.each<[string, Delivery]>([
    ['an action that is not known', withData({ ...change, action: 'MOVE' })],
    ['neither tag nor digest', withData({ action: 'INSERT' })],
    ['a tag and a digest of two repositories', withData({ ...change, tag: 'europe-docker.pkg.dev/p/r/other:v1' })],
    ['a tag that is not one', withData({ ...change, tag: 'europe-docker.pkg.dev/p/r/app' })],
    ['a digest that is cut', withData({ ...change, digest: change.digest.slice(0, -1) })],
    ['no host', withData({ action: 'DELETE', tag: 'app:v1' })],
    ['data that is not JSON', withData('{')],
    ['data that is not base64', { ...push, body: { ...envelope, message: { ...envelope.message, data: '%%%' } } }],
    ['no envelope, where payloads are unwrapped', { ...push, body: change }],
  ])('rejects %s, to be replayed under its id', (_, delivery) => {
    const result = parse(gar, delivery);
    expect(result).toMatchObject({ events: [], ignored: 0, rejected: [{ reason: expect.any(String) }] });
    expect(JSON.parse(result.rejected[0]?.payload ?? '')).toEqual(delivery.body);
  });

  it.each<[string, string | undefined, Record<string, string>, number]>([
    ['its own host', 'https://europe-docker.pkg.dev', {}, 1],
    ['another location', 'https://us-docker.pkg.dev', {}, 0],
    ['the older host', 'https://gcr.io', {}, 0],
    ['a name of its own', 'https://images.example.com', {}, 1],
    ['a name of its own, and another host', 'https://images.example.com', { host: 'us-docker.pkg.dev' }, 0],
    ['no url', undefined, {}, 1],
  ])('takes what happens at %s alone', (_, url, options, count) => {
    const about = { registry: parseRegistryName('local'), headers: {}, receivedAt: RECEIVED_AT, options };
    const body = Buffer.from(JSON.stringify(push.body));
    const result = gar.parseNotification({ ...about, body, ...(url === undefined ? {} : { url }) });
    expect([result.events.length, result.ignored]).toEqual([count, 1 - count]);
  });
});
