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
import { ecr } from './adapter.js';

const read = (name: string) => readRecorded(import.meta.url, name);
const [push] = read('push') as [Delivery];
const [viaSns] = read('sns-notification') as [Delivery];
const [confirmation] = read('sns-subscription-confirmation') as [Delivery];
const bodyOf = (delivery: Delivery) => delivery.body as Record<string, unknown>;

describeAdapterContract(ecr, {
  deliveries: [
    push,
    ...read('push-overwrite'),
    ...read('push-untagged'),
    ...read('delete-tag'),
    ...read('replication'),
  ],
  timed: (time) => ({ ...push, body: { ...bodyOf(push), time } }),
});
describeAdapterContract(ecr, {
  deliveries: [viaSns],
  timed: (time) => ({ ...viaSns, body: { ...bodyOf(viaSns), Message: JSON.stringify({ ...bodyOf(push), time }) } }),
  senders: 'own',
});

describe('ecr notifications', () => {
  it.each<[string, string[], number]>([
    ['push', ['pushed team/app:v1@f20c4316'], 0],
    ['push-overwrite', ['pushed team/app:v1@2b2b2b2b'], 0],
    ['push-untagged', ['pushed team/app@f20c4316', 'pushed team/app@f20c4316'], 0],
    ['delete-tag', ['tagDeleted team/app:v1', 'tagDeleted team/app:v1'], 0],
    ['delete-untagged', ['manifestDeleted team/app@f20c4316', 'manifestDeleted team/app@f20c4316'], 0],
    ['replication', ['pushed team/app:v1@f20c4316'], 0],
    ['pull-through-cache', ['pushed docker-hub/library/alpine:3.22@f20c4316'], 0],
    ['others', [], 3],
    ['sns-notification', ['pushed team/app:v1@f20c4316'], 0],
  ])('%s', (name, expected, ignored) => {
    expect(outlineOf(ecr, read(name))).toEqual({ told: expected, ignored, rejected: [] });
  });

  it('understands an event alike whichever way it came, so that both ways count once', () => {
    expect(parse(ecr, viaSns)).toEqual(parse(ecr, push));
  });

  it('has an id of its own and nobody who did it', () => {
    const sourceId = '13cde686-328b-6117-af20-0e5566167482';
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    expect(parse(ecr, push).events).toMatchObject([{ actor: null, source: 'ecr', sourceId, mediaType }]);
  });

  it('asks the registry for the digest where a push names none', () => {
    const detail = { ...(bodyOf(push).detail as object), 'image-digest': '' };
    expect(toldBy(parse(ecr, { ...push, body: { ...bodyOf(push), detail } })).map(summarise)).toEqual([
      'hint team/app:v1',
    ]);
  });

  it('keeps what it cannot tell from an event that has none of its parts', () => {
    const result = parse(ecr, { ...push, body: { ...bodyOf(push), detail: { 'action-type': 'PUSH' } } });
    expect(result.rejected.map(({ reason }) => reason)).toEqual([expect.stringContaining('repository-name')]);
  });

  it.each<[string, string | undefined, Record<string, string>, number]>([
    ['the registry of the event', 'https://123456789012.dkr.ecr.eu-west-1.amazonaws.com', {}, 1],
    ['its dual-stack name', 'https://123456789012.dkr-ecr.eu-west-1.on.aws', {}, 1],
    ['another account', 'https://210987654321.dkr.ecr.eu-west-1.amazonaws.com', {}, 0],
    ['another region', 'https://123456789012.dkr.ecr.us-east-1.amazonaws.com', {}, 0],
    ['a name of its own', 'https://images.example.com', {}, 1],
    ['a name of its own, and another account', 'https://images.example.com', { account: '210987654321' }, 0],
    ['no url', undefined, {}, 1],
  ])('takes the events of %s alone', (_, url, options, count) => {
    const about = { registry: parseRegistryName('local'), headers: {}, receivedAt: RECEIVED_AT, options };
    const body = Buffer.from(JSON.stringify(push.body));
    const result = ecr.parseNotification({ ...about, body, ...(url === undefined ? {} : { url }) });
    expect([result.events.length, result.ignored]).toEqual([count, 1 - count]);
  });
});

describe('sns confirmations', () => {
  const withUrl = (SubscribeURL: unknown) => ({ ...confirmation, body: { ...bodyOf(confirmation), SubscribeURL } });

  it('visits the address that confirms the subscription', () => {
    const url = new URL(String(bodyOf(confirmation).SubscribeURL));
    expect(parse(ecr, confirmation)).toMatchObject({ events: [], rejected: [], handshake: { type: 'visit', url } });
  });

  it.each([
    'http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription',
    'https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription',
    'https://sns.eu-west-1.amazonaws.com.cn/?Action=ConfirmSubscription',
    'https://sns.eu-west-1.amazonaws.com.example.org/?Action=ConfirmSubscription',
    'https://sns.eu-west-1.amazonaws.com@example.org/?Action=ConfirmSubscription',
    'https://user:pass@sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription',
    'https://sns.eu-west-1.amazonaws.com:8443/?Action=ConfirmSubscription',
    'https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe',
    'https://169.254.169.254/?Action=ConfirmSubscription',
    'file:///etc/passwd',
    '',
    null,
  ])('visits nothing at %p', (url) => {
    const { handshake, rejected } = parse(ecr, withUrl(url));
    expect(handshake ?? null).toBeNull();
    expect(rejected).toHaveLength(1);
  });

  it('tells people when the topic has sent us away, and does not subscribe again by itself', () => {
    const result = parse(ecr, read('sns-unsubscribe-confirmation')[0] as Delivery);
    expect(result.handshake ?? null).toBeNull();
    expect(result.rejected.map(({ reason }) => reason)).toEqual([expect.stringContaining('unsubscribed')]);
  });
});
