import { describe, expect, it } from '@jest/globals';
import { RegistryError } from '#application';
import { parseChallenges } from './challenge.js';
import { missingBlobs, retryAfterMs } from './errors.js';
import { findNextLink } from './next-page.js';
import { DEFAULT_RETRY, waitBefore } from './retry.js';

describe('parseChallenges', () => {
  const read = (header: string) =>
    parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

  it.each<[string, unknown]>([
    ['Basic realm="r"', [['basic', { realm: 'r' }]]],
    [
      'Bearer realm="https://a.example/token",service="reg",scope="repository:team/app:pull,push"',
      [['bearer', { realm: 'https://a.example/token', service: 'reg', scope: 'repository:team/app:pull,push' }]],
    ],
    ['bearer Realm = "a\\"b" , service=reg', [['bearer', { realm: 'a"b', service: 'reg' }]]],
    [
      'Basic realm="x, y", Bearer realm="z"',
      [
        ['basic', { realm: 'x, y' }],
        ['bearer', { realm: 'z' }],
      ],
    ],
    ['Negotiate', [['negotiate', {}]]],
    ['', []],
    ['"rubbish', []],
  ])('reads %s', (header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  it('is not slowed down by a hostile header', () => {
    const startedAt = performance.now();
    for (const part of [' ', ',', '"', '\\', 'a=', 'a="']) parseChallenges(`Bearer ${part.repeat(1_000_000)}`);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('findNextLink', () => {
  it.each([
    ['</v2/a/tags/list?last=b&n=2>; rel="next"', '/v2/a/tags/list?last=b&n=2'],
    ['<x>; rel=prev, <y>; rel=next', 'y'],
    ['<x>; title="a, b"; rel="prev next"', 'x'],
    ['<x>; rel="nextish"', null],
    ['', null],
  ])('%s → %s', (header, expected) => {
    expect(findNextLink(header)).toBe(expected);
  });
});

describe('retrying', () => {
  const busy = new RegistryError('REGISTRY_BUSY', 'busy', { retriable: true });

  it('doubles the bound of the wait up to the greatest', () => {
    expect([1, 2, 3].map((made) => waitBefore(busy, made, DEFAULT_RETRY, 1))).toEqual([200, 400, 800]);
    expect(waitBefore(busy, 3, { ...DEFAULT_RETRY, maxWaitMs: 300 }, 1)).toBe(300);
    expect(waitBefore(busy, 3, DEFAULT_RETRY, 0)).toBe(0);
  });

  it('ends with the attempts, and with what is not retriable', () => {
    expect(waitBefore(busy, 4, DEFAULT_RETRY, 1)).toBeNull();
    expect(waitBefore(new RegistryError('REGISTRY_DENIED', 'no'), 1, DEFAULT_RETRY, 1)).toBeNull();
    expect(waitBefore(new TypeError('bug'), 1, DEFAULT_RETRY, 1)).toBeNull();
  });

  it.each([
    ['7', 7000],
    ['Wed, 21 Oct 2026 07:28:05 GMT', 5000],
    ['Wed, 21 Oct 2026 07:27:00 GMT', 0],
    ['soon', null],
    [undefined, null],
  ])('reads Retry-After %s', (header, expected) => {
    expect(retryAfterMs(header, Date.UTC(2026, 9, 21, 7, 28, 0))).toBe(expected);
  });
});

describe('missingBlobs', () => {
  const a = `sha256:${'a'.repeat(64)}`;
  const b = `sha256:${'b'.repeat(64)}`;

  it('finds the digests wherever a registry puts them, each once', () => {
    const errors = [
      { code: 'MANIFEST_BLOB_UNKNOWN', message: 'blob unknown to registry', detail: a },
      { code: 'BLOB_UNKNOWN', message: `blob ${a} is unknown` },
      { code: 'MANIFEST_BLOB_UNKNOWN', message: '', detail: { digest: b } },
      { code: 'DENIED', message: '', detail: `sha256:${'c'.repeat(64)}` },
    ];
    expect(missingBlobs(new RegistryError('REGISTRY_REFUSED', 'no', { errors }))).toEqual([a, b]);
    expect(missingBlobs(new Error('other'))).toEqual([]);
  });
});
