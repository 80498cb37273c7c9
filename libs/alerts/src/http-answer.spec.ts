import { describe, expect, it } from '@jest/globals';
import { excerptOf, retryAfterMs, sentenceFor, statusIsRetriable } from './http-answer.js';

describe('statusIsRetriable', () => {
  it.each([408, 409, 425, 429, 500, 502, 503, 504])('%d may succeed later', (s) =>
    expect(statusIsRetriable(s)).toBe(true),
  );
  it.each([301, 302, 400, 401, 403, 404, 410, 413, 422])('%d is final', (s) =>
    expect(statusIsRetriable(s)).toBe(false),
  );
});

describe('retryAfterMs', () => {
  const now = Date.parse('2026-08-20T09:00:00Z');
  it.each([
    [undefined, null],
    ['', null],
    ['soon', null],
    ['120', 120_000],
    [['7', '8'], 7_000],
    ['Thu, 20 Aug 2026 09:01:00 GMT', 60_000],
    ['Thu, 20 Aug 2026 08:00:00 GMT', 0],
  ])('%p is %p', (header, expected) => expect(retryAfterMs(header, now)).toBe(expected));
});

describe('excerptOf', () => {
  const url = new URL('https://hooks.slack.com/services/T0000000/B0000000/s3cr%C3%A9t-token?key=anothersecret');

  it('takes the parts of the URL out of an answer that echoes them', () => {
    const echoed = `Cannot POST ${url.pathname}${url.search} (T0000000 s3crét-token)\n\0`;
    const excerpt = excerptOf(echoed, url);
    expect(excerpt).toMatch(/^Cannot POST/);
    for (const secret of ['T0000000', 'B0000000', 's3cr', 'token', 'anothersecret'])
      expect(excerpt).not.toContain(secret);
  });

  it('is one line and short', () => {
    expect(excerptOf(`a\r\n\0 b${'😀'.repeat(1_000)}`, url)).toBe(`a b${'😀'.repeat(297)}`);
  });
});

it('says what to do about an answer', () => {
  expect(sentenceFor('https://x.example', 410, 'gone')).toBe(
    'https://x.example answered 410: "gone". The receiver is gone: configure its new URL, or remove the channel.',
  );
  expect(sentenceFor('https://x.example', 500, '')).toBe('https://x.example answered 500.');
});
