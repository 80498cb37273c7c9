import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseInstant } from '#domain';
import {
  type Delivery,
  describeAdapterContract,
  outlineOf,
  parse,
  readRecorded,
  summarise,
  toldBy,
} from '../adapter-contract.js';
import { ghcr } from './adapter.js';

const read = (name: string) => readRecorded(import.meta.url, name);
const [published] = read('package-published') as [Delivery];
const [form] = read('form') as [Delivery];

type Body = {
  action: string;
  package: { package_version: Record<string, unknown>; [key: string]: unknown };
};
const bodyOf = ({ body }: Delivery) => structuredClone(body) as Body;
const changed = (change: (body: Body) => void): Delivery => {
  const body = bodyOf(published);
  change(body);
  return { ...published, body };
};

const sign = (body: Buffer, secret: string) => ({
  'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
});

describeAdapterContract(ghcr, {
  deliveries: [
    published,
    ...read('registry-package-published'),
    ...read('updated'),
    ...read('untagged'),
    ...read('manifest-null'),
    form,
  ],
  timed: (time) =>
    changed(({ package: { package_version } }) => {
      package_version.updated_at = time;
    }),
  senders: { sign },
});

describe('GitHub notifications', () => {
  it.each<[string, string[], number]>([
    ['registry-package-published', ['pushed team/app:v1@a1b2c3d4'], 0],
    ['package-published', ['pushed team/app:v1@a1b2c3d4'], 0],
    ['updated', ['pushed team/app:v1@0f1e2d3c'], 0],
    ['untagged', ['pushed team/app@0f1e2d3c'], 0],
    ['manifest-null', ['pushed team/app:v1@a1b2c3d4'], 0],
    ['form', ['pushed team/app:v2@a1b2c3d4'], 0],
    ['others', [], 3],
  ])('%s', (name, expected, ignored) => {
    expect(outlineOf(ghcr, read(name))).toEqual({ told: expected, ignored, rejected: [] });
  });

  it('goes by the delivery: a second one within the same second is another event', () => {
    const second = { ...published, headers: { ...published.headers, 'x-github-delivery': 'another' } };
    const [one, two] = [published, second].map((delivery) => parse(ghcr, delivery).events[0]);
    expect(one).toMatchObject({
      sourceId: published.headers['x-github-delivery'],
      actor: 'github-actions[bot]',
      mediaType: 'application/vnd.oci.image.index.v1+json',
    });
    expect(two?.id).not.toBe(one?.id);
  });

  it('does not take the age of an old version for the time of its new tag', () => {
    const receivedAt = parseInstant('2026-11-22T12:00:00Z');
    const retagged = changed(({ package: { package_version } }) => {
      package_version.created_at = '2026-11-22T01:00:00Z';
      package_version.updated_at = null;
    });
    expect(parse(ghcr, retagged, receivedAt).events[0]?.occurredAt).toBe(receivedAt);
  });

  it('takes the digest from wherever it stands, and asks the registry where it stands nowhere', () => {
    const { version } = bodyOf(published).package.package_version;
    const metadata = (tag: object | null, manifest: object | null) => ({ container_metadata: { tag, manifest } });
    const told = (part: object) =>
      toldBy(
        parse(
          ghcr,
          changed(({ package: { package_version } }) => Object.assign(package_version, part)),
        ),
      ).map(summarise);
    expect(told(metadata({ name: 'v1', digest: '' }, { digest: version }))).toEqual(['pushed team/app:v1@a1b2c3d4']);
    expect(told(metadata({ name: 'v1', digest: null }, null))).toEqual(['pushed team/app:v1@a1b2c3d4']);
    expect(told({ version: '57755791', name: null, ...metadata({ name: 'v1', digest: null }, null) })).toEqual([
      'hint team/app:v1',
    ]);
  });

  it.each<[string, (body: Body) => void]>([
    ['action "deleted" is unknown', (body) => Object.assign(body, { action: 'deleted' })],
    ['names neither tag nor digest', ({ package: own }) => Object.assign(own, { package_version: null })],
    ['names no package', (body) => Object.assign(body, { package: null })],
    ['Repository "/app" is malformed', ({ package: own }) => Object.assign(own, { namespace: '', owner: null })],
  ])('rejects what it cannot understand: %s', (reason, change) => {
    const { events, rejected } = parse(ghcr, changed(change));
    expect(events).toEqual([]);
    expect(rejected.map((each) => each.reason)).toEqual([expect.stringContaining(reason)]);
  });

  it('keeps the delivery of what was rejected, and rejects a form without its field', () => {
    const [rejected] = parse(
      ghcr,
      changed((body) => Object.assign(body, { action: 'deleted' })),
    ).rejected;
    expect(rejected?.payload).toContain(published.headers['x-github-delivery']);
    expect(parse(ghcr, { ...form, body: 'payload=' }).rejected).toHaveLength(1);
    expect(parse(ghcr, { ...form, body: 'other=1' }).rejected).toHaveLength(1);
  });

  it('understands with its own id what was rejected by an older version', () => {
    const [event] = parse(ghcr, published).events;
    const payload = { deliveredAs: { delivery: event?.sourceId, event: 'package' }, body: published.body };
    expect(parse(ghcr, { headers: {}, body: payload }).events[0]?.id).toBe(event?.id);
  });
});
