import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Instant, parseInstant, parseRegistryName, type RegistryEvent, type TagHint } from '#domain';
import type {
  NotificationHeaders,
  ParsedNotification,
  PublicDocuments,
  RegistryAdapter,
  Sender,
  SenderVerdict,
} from './adapter.js';

/** One request as a registry sent it, its body parsed. */
export type Delivery = { readonly headers: NotificationHeaders; readonly body: unknown };

/** The requests of a recorded file in an adapter's `fixtures/`. */
export function readRecorded(spec: string, name: string): Delivery[] {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, spec), 'utf8')).notifications;
}

export const RECEIVED_AT: Instant = parseInstant('2026-11-22T12:00:00.000000Z');
const registry = parseRegistryName('local');

export function parse(
  adapter: RegistryAdapter,
  { headers, body }: Delivery,
  receivedAt = RECEIVED_AT,
  options: Readonly<Record<string, string>> = {},
) {
  const bytes = typeof body === 'string' ? body : JSON.stringify(body);
  return adapter.parseNotification({ registry, headers, body: Buffer.from(bytes), receivedAt, options });
}

/** Everything that a notification told: events, and tags to be looked up. */
export const toldBy = ({ events, hints = [] }: ParsedNotification): (RegistryEvent | TagHint)[] => [
  ...events,
  ...hints,
];

/** `type repository[:tag][@digest, 8 digits]`; `hint repository:tag` where the digest must be asked for. */
export function summarise(event: RegistryEvent | TagHint): string {
  if (!('type' in event)) return `hint ${event.repository}:${event.tag}`;
  const tag = 'tag' in event && event.tag !== null ? `:${event.tag}` : '';
  const digest = 'digest' in event && event.digest !== null ? `@${event.digest.slice(7, 15)}` : '';
  return `${event.type} ${event.repository}${tag}${digest}`;
}

export type Outline = {
  readonly told: readonly string[];
  readonly ignored: number;
  readonly rejected: readonly unknown[];
};

/** What notifications told one after the other, in short. */
export function outlineOf(
  adapter: RegistryAdapter,
  deliveries: readonly Delivery[],
  options?: Readonly<Record<string, string>>,
): Outline {
  const results = deliveries.map((delivery) => parse(adapter, delivery, RECEIVED_AT, options));
  return {
    told: results.flatMap((result) => toldBy(result).map(summarise)),
    ignored: results.reduce((sum, result) => sum + result.ignored, 0),
    rejected: results.flatMap(({ rejected }) => rejected),
  };
}

export type AdapterSamples = {
  /** Each leads to exactly one event or hint. */
  readonly deliveries: readonly Delivery[];
  /** Each event comes with a hint of its tag, because nothing in the notification tells its order. Default: no. */
  readonly hintsBeside?: boolean;
  /** The first delivery with another time, undefined to leave it out; null where this kind's notifications have no such text. */
  readonly timed: ((time: string | undefined) => Delivery) | null;
  /** How senders prove themselves: by a token sent along, by a signature with a shared secret, or as the kind's own specs show. */
  readonly senders?: 'token' | SignedSenders | 'own';
};

/** The headers of a body that is signed with the secret. */
export type SignedSenders = { readonly sign: (body: Buffer, secret: string) => NotificationHeaders };

/** What every adapter must do with senders and with notifications. */
export function describeAdapterContract(
  adapter: RegistryAdapter,
  { deliveries, timed, senders = 'token', hintsBeside = false }: AdapterSamples,
): void {
  const changesIn = (result: ParsedNotification) =>
    toldBy(hintsBeside && result.events.length > 0 ? { ...result, hints: [] } : result);

  describe(`adapter contract: ${adapter.kind}`, () => {
    if (senders === 'token') describeTokenSenders(adapter);
    else if (senders !== 'own') describeSignedSenders(adapter, senders);

    it('gives the same ids to the same notification, however often and wherever it arrives', () => {
      const later = parseInstant('2026-11-22T12:00:07Z');
      for (const delivery of deliveries) {
        const [told, ...others] = changesIn(parse(adapter, delivery));
        expect(others).toEqual([]);
        const again = changesIn(
          parse(adapter, { ...delivery, headers: { ...delivery.headers, host: 'other' } }, later),
        );
        expect(again.map(identityOf)).toEqual(told === undefined ? ['something told'] : [identityOf(told)]);
      }
      const all = deliveries.flatMap((each) => changesIn(parse(adapter, each)).map(identityOf));
      expect(new Set(all).size).toBe(deliveries.length);
    });

    const times: [string, string | undefined, string][] = [
      ['its own time', '2026-11-22T11:59:58.123456789Z', '2026-11-22T11:59:58.123456Z'],
      ['an offset without colon', '2026-11-22T11:00:00.664+0000', '2026-11-22T11:00:00.664000Z'],
      ['no time', undefined, RECEIVED_AT],
      ['an empty time', '', RECEIVED_AT],
      ['rubbish', 'yesterday', RECEIVED_AT],
      ['year 0001', '0001-01-01T00:00:00Z', RECEIVED_AT],
      ['the future', '2031-01-01T00:00:00Z', RECEIVED_AT],
      ['long ago', '2020-01-01T00:00:00Z', '2026-11-21T12:00:00.000000Z'],
    ];
    if (timed !== null) {
      it.each(times)('believes %s as far as it can', (_, time, expected) => {
        const told = toldBy(parse(adapter, timed(time)));
        expect(told.map(({ occurredAt }) => occurredAt)).toEqual([expected]);
      });
    }

    it('rejects a truncated body as a whole', () => {
      const [first] = deliveries as [Delivery];
      const whole = JSON.stringify(first.body);
      for (const length of [0, 1, Math.floor(whole.length / 2), whole.length - 1]) {
        const result = parse(adapter, { ...first, body: whole.slice(0, length) });
        expect(toldBy(result)).toEqual([]);
        expect(result).toMatchObject({ ignored: 0, rejected: [{ reason: expect.any(String) }] });
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
        const replayed = parse(adapter, { headers: {}, body: payload });
        expect(toldBy(replayed)).toEqual([]);
        expect(replayed).toMatchObject({
          rejected: [{ reason, payload }],
        });
      }
    });
  });
}

const identityOf = (told: RegistryEvent | TagHint): string =>
  'type' in told ? `${told.id} ${told.sourceId}` : told.sourceId;

/** For kinds that ask nobody who a sender is. */
export const NO_DOCUMENTS: PublicDocuments = {
  fetchText: async (url) => {
    throw new Error(`Nothing but the request should be needed, yet ${url.href} was asked for.`);
  },
};

const judgeSender = async (adapter: RegistryAdapter, sender: Partial<Sender>): Promise<SenderVerdict> =>
  adapter.authenticateSender(
    { headers: {}, query: {}, body: Buffer.alloc(0), secrets: {}, receivedAt: RECEIVED_AT, ...sender },
    NO_DOCUMENTS,
  );

function describeSignedSenders(adapter: RegistryAdapter, { sign }: SignedSenders): void {
  const secret = 'signing-4711';
  const body = Buffer.from('{"a":1}');
  const judge = (headers: NotificationHeaders, configured: string | null = secret, sent = body) =>
    judgeSender(adapter, { headers, body: sent, secrets: { secret: configured } });

  it('reads the body before it judges', () => expect(adapter.sender.needsBody).toBe(true));

  it('lets in a body signed with the secret, again too', async () => {
    expect(await judge(sign(body, secret))).toBe('ok');
    expect(await judge(sign(body, secret))).toBe('ok');
  });

  it('refuses another secret, another body, and no signature', async () => {
    expect(await judge(sign(body, 'signing-4712'))).toBe('refused');
    expect(await judge(sign(body, secret), secret, Buffer.from('{"a":2}'))).toBe('refused');
    expect(await judge({})).toBe('refused');
  });

  it('refuses a signature that is empty, cut, or given twice', async () => {
    for (const [name, value] of Object.entries(sign(body, secret))) {
      const text = String(value);
      for (const hostile of ['', text.slice(0, -1), `${text}0`, 'sha256=', 'null', [text, text]]) {
        expect(await judge({ ...sign(body, secret), [name]: hostile })).toBe('refused');
      }
    }
  });

  it.each(['', null])('refuses everybody where the configured secret is %p', async (configured) => {
    for (const headers of [sign(body, ''), sign(body, 'null'), {}])
      expect(await judge(headers, configured)).toBe('refused');
  });
}

function describeTokenSenders(adapter: RegistryAdapter): void {
  const token = 'hook-4711';
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const judge = (authorization: unknown, query: Record<string, unknown> = {}, expected: string | null = token) =>
    judgeSender(adapter, { headers: { authorization: authorization as string }, query, secrets: { token: expected } });

  it.each([`Bearer ${token}`, `bearer ${token}`, basic(`any:${token}`), basic(`:${token}`), token])(
    'lets in a sender with %s',
    async (authorization) => expect(await judge(authorization)).toBe('ok'),
  );

  it('lets in a sender with the token in the query', async () => {
    expect(await judge(undefined, { token })).toBe('ok');
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
  ])('refuses a sender with %p', async (authorization) => expect(await judge(authorization)).toBe('refused'));

  it.each([{ token: '' }, { token: 'other' }, { token: [token] }, { token: { token } }, { Token: token }])(
    'refuses a sender with the query %p',
    async (query) => expect(await judge(undefined, query)).toBe('refused'),
  );

  it.each(['', null])('refuses everybody where the configured token is %p', async (configured) => {
    for (const sent of [undefined, '', 'Bearer ', 'Basic Og==', 'null', 'Bearer null']) {
      expect(await judge(sent, { token: '' }, configured)).toBe('refused');
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

function expectBounded(result: ParsedNotification): void {
  const { rejected } = result;
  const kept = JSON.stringify(toldBy(result));
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
