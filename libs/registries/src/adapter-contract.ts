import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Instant, parseInstant, parseRegistryName, type RegistryEvent } from '#domain';
import type { NotificationHeaders, ParsedNotification, RegistryAdapter } from './adapter.js';

/** One request as a registry sent it, its body parsed. */
export type Delivery = { readonly headers: NotificationHeaders; readonly body: unknown };

/** The requests of a recorded file in an adapter's `fixtures/`. */
export function readRecorded(spec: string, name: string): Delivery[] {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, spec), 'utf8')).notifications;
}

export const RECEIVED_AT: Instant = parseInstant('2026-11-22T12:00:00.000000Z');
const registry = parseRegistryName('local');

export function parse(adapter: RegistryAdapter, { headers, body }: Delivery, receivedAt = RECEIVED_AT) {
  const bytes = typeof body === 'string' ? body : JSON.stringify(body);
  return adapter.parseNotification({ registry, headers, body: Buffer.from(bytes), receivedAt });
}

/** `type repository[:tag][@digest, 8 digits]`. */
export function summarise(event: RegistryEvent): string {
  const tag = 'tag' in event && event.tag !== null ? `:${event.tag}` : '';
  const digest = 'digest' in event && event.digest !== null ? `@${event.digest.slice(7, 15)}` : '';
  return `${event.type} ${event.repository}${tag}${digest}`;
}

export type AdapterSamples = {
  /** Each leads to exactly one event. */
  readonly deliveries: readonly Delivery[];
  /** The first delivery with another time; undefined to leave it out. */
  readonly timed: (time: string | undefined) => Delivery;
};

/** What every adapter must do with senders and with notifications. */
export function describeAdapterContract(adapter: RegistryAdapter, { deliveries, timed }: AdapterSamples): void {
  describe(`adapter contract: ${adapter.kind}`, () => {
    describeSenders(adapter);

    it('gives the same ids to the same notification, however often and wherever it arrives', () => {
      const later = parseInstant('2026-11-22T12:00:07Z');
      for (const delivery of deliveries) {
        const [event, ...others] = parse(adapter, delivery).events;
        expect(others).toEqual([]);
        const again = parse(adapter, { ...delivery, headers: { ...delivery.headers, host: 'other' } }, later).events;
        expect(again.map(({ id, sourceId }) => [id, sourceId])).toEqual([[event?.id, event?.sourceId]]);
      }
      expect(new Set(deliveries.map((each) => parse(adapter, each).events[0]?.id)).size).toBe(deliveries.length);
    });

    it.each<[string, string | undefined, string]>([
      ['its own time', '2026-11-22T11:59:58.123456789Z', '2026-11-22T11:59:58.123456Z'],
      ['an offset without colon', '2026-11-22T11:00:00.664+0000', '2026-11-22T11:00:00.664000Z'],
      ['no time', undefined, RECEIVED_AT],
      ['an empty time', '', RECEIVED_AT],
      ['rubbish', 'yesterday', RECEIVED_AT],
      ['year 0001', '0001-01-01T00:00:00Z', RECEIVED_AT],
      ['the future', '2031-01-01T00:00:00Z', RECEIVED_AT],
      ['long ago', '2020-01-01T00:00:00Z', '2026-11-21T12:00:00.000000Z'],
    ])('believes %s as far as it can', (_, time, expected) => {
      expect(parse(adapter, timed(time)).events.map((event) => event.occurredAt)).toEqual([expected]);
    });

    it('rejects a truncated body as a whole', () => {
      const [first] = deliveries as [Delivery];
      const whole = JSON.stringify(first.body);
      for (const length of [0, 1, Math.floor(whole.length / 2), whole.length - 1]) {
        const result = parse(adapter, { ...first, body: whole.slice(0, length) });
        expect(result).toMatchObject({ events: [], ignored: 0, rejected: [{ reason: expect.any(String) }] });
      }
    });

    it('never throws and keeps nothing without bounds, whatever stands where', () => {
      const [first] = deliveries as [Delivery];
      for (const path of pathsOf(first.body)) {
        for (const hostile of HOSTILE)
          expectBounded(parse(adapter, { ...first, body: planted(first.body, path, hostile) }));
      }
      expect('polluted' in {}).toBe(false);
    });

    it('rejects what comes back as a replay in the same way', () => {
      const [first] = deliveries as [Delivery];
      const paths = pathsOf(first.body).map((path) =>
        parse(adapter, { ...first, body: planted(first.body, path, '5') }),
      );
      const rejected = paths.flatMap((result) => result.rejected);
      expect(rejected.length).toBeGreaterThan(0);
      for (const { payload, reason } of rejected) {
        expect(parse(adapter, { headers: {}, body: payload })).toMatchObject({
          events: [],
          rejected: [{ reason, payload }],
        });
      }
    });
  });
}

function describeSenders(adapter: RegistryAdapter): void {
  const token = 'hook-4711';
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const judge = (authorization: unknown, query: Record<string, unknown> = {}, expected: string | null = token) =>
    adapter.authenticateSender({
      headers: { authorization: authorization as string },
      query,
      body: Buffer.alloc(0),
      secrets: { token: expected },
    });

  it.each([`Bearer ${token}`, `bearer ${token}`, basic(`any:${token}`), basic(`:${token}`), token])(
    'lets in a sender with %s',
    (authorization) => expect(judge(authorization)).toBe('ok'),
  );

  it('lets in a sender with the token in the query', () => {
    expect(judge(undefined, { token })).toBe('ok');
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer hook-4712',
    'Bearer hook-471',
    basic(`${token}:other`),
    basic('any:'),
    'Basic %%%',
    ['Bearer hook-4711'],
  ])('refuses a sender with %p', (authorization) => expect(judge(authorization)).toBe('refused'));

  it.each([{ token: '' }, { token: 'other' }, { token: [token] }, { token: { token } }, { Token: token }])(
    'refuses a sender with the query %p',
    (query) => expect(judge(undefined, query)).toBe('refused'),
  );

  it.each(['', null])('refuses everybody where the configured token is %p', (configured) => {
    for (const sent of [undefined, '', 'Bearer ', 'Basic Og==', 'null', 'Bearer null']) {
      expect(judge(sent, { token: '' }, configured)).toBe('refused');
    }
  });
}

/** JSON texts, since some of them can't be written from a value. */
const HOSTILE: readonly string[] = [
  '5',
  'null',
  'true',
  '""',
  '[]',
  '{}',
  `"${'x'.repeat(1024 * 1024)}"`,
  `"a${'\\u0000\\ud800'.repeat(300)}"`,
  '['.repeat(200_000) + ']'.repeat(200_000),
  `[${'0,'.repeat(300_000)}0]`,
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
];

function expectBounded({ events, rejected }: ParsedNotification): void {
  const kept = JSON.stringify(events);
  expect(kept.length).toBeLessThan(8192);
  expect(kept).not.toMatch(/\\u0000|\\ud800/);
  expect(rejected.length).toBeLessThanOrEqual(1001);
  expect(Math.max(0, ...rejected.map(({ reason }) => reason.length))).toBeLessThanOrEqual(1000);
  expect(Math.max(0, ...rejected.map(({ payload }) => payload.length))).toBeLessThanOrEqual(1024 * 1024);
}

type Path = readonly (string | number)[];

/** The paths of everything inside a JSON value, itself first. */
function pathsOf(value: unknown): Path[] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, child]) => pathsOf(child).map((path) => [key, ...path]))];
}

/** The body as text with `json` in the place that `path` names. */
function planted(body: unknown, path: Path, json: string): string {
  const marker = 'planted-here';
  const replace = (value: unknown, [key, ...rest]: Path): unknown => {
    if (key === undefined) return marker;
    const container = value as Record<string | number, unknown>;
    container[key] = replace(container[key], rest);
    return container;
  };
  // A function, because a replacement text would have its dollar signs read.
  return JSON.stringify(replace(structuredClone(body), path)).replace(JSON.stringify(marker), () => json);
}
