import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type Delivery, describeAdapterContract, outlineOf, parse, readRecorded } from '../adapter-contract.js';
import { zot } from './adapter.js';

const read = (name: string) => readRecorded(import.meta.url, name);
const [updated] = read('image-updated') as [Delivery];
const [structured] = read('structured') as [Delivery];

describeAdapterContract(zot, {
  deliveries: [updated, ...read('image-deleted-by-tag'), ...read('image-deleted-by-digest')],
  timed: (time) => ({ ...updated, headers: { ...updated.headers, 'ce-time': time } }),
});
describeAdapterContract(zot, {
  deliveries: [structured],
  timed: (time) => ({ ...structured, body: { ...(structured.body as object), time } }),
});

describe('zot notifications', () => {
  it.each<[string, string[], number]>([
    ['image-updated', ['pushed team/app:v1@f20c4316'], 0],
    ['image-updated-by-digest', ['pushed team/app@f20c4316'], 0],
    ['image-updated-many-tags', ['pushed team/app:v1.2@f20c4316', 'pushed team/app:v1@f20c4316'], 0],
    ['image-deleted-by-tag', ['tagDeleted team/app:v1'], 0],
    ['image-deleted-by-digest', ['manifestDeleted team/app@f20c4316'], 0],
    ['others', [], 3],
    ['structured', ['pushed team/app:v1@f20c4316'], 0],
  ])('%s', (name, expected, ignored) => {
    expect(outlineOf(zot, read(name))).toEqual({ told: expected, ignored, rejected: [] });
  });

  it('reads binary and structured mode alike', () => {
    expect(parse(zot, structured)).toEqual(parse(zot, updated));
  });

  it('tells the tags that one request moved apart, each with the manifest', () => {
    const events = read('image-updated-many-tags').flatMap((delivery) => parse(zot, delivery).events);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
    for (const event of events) expect(event).toHaveProperty('manifest', expect.any(String));
  });

  it('keeps the manifest byte for byte, and only if it is the one of the digest', () => {
    const [event] = parse(zot, updated).events;
    if (event?.type !== 'pushed') throw new Error('No push.');
    const bytes = Buffer.from(event.manifest ?? '', 'base64');
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(event.digest);
    const other = { ...updated, body: { ...(updated.body as object), manifest: '{"schemaVersion":2}' } };
    expect(parse(zot, other).events[0]).not.toHaveProperty('manifest');
  });

  it('keeps the attributes of a rejected event, which came in headers', () => {
    const body = { ...(updated.body as object), digest: 'sha256:short' };
    const [rejected] = parse(zot, { ...updated, body }).rejected;
    expect(JSON.parse(rejected?.payload ?? '')).toMatchObject({ id: updated.headers['ce-id'], data: body });
  });
});
