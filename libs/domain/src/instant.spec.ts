import { describe, expect, test } from '@jest/globals';
import { addMs, believableTime, findInstant, parseInstant } from './instant.js';

describe('A time', () => {
  test.each([
    ['2026-08-20T09:14:03Z', '2026-08-20T09:14:03.000000Z'],
    ['2026-08-20T09:14:03.512345678Z', '2026-08-20T09:14:03.512345Z'],
    ['2026-08-20T11:14:03.5+02:00', '2026-08-20T09:14:03.500000Z'],
    ['2026-08-20T09:14:03.664+0000', '2026-08-20T09:14:03.664000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000Z'],
  ])('is read: %s', (text, expected) => expect(findInstant(text)).toBe(expected));

  test.each([
    '',
    'yesterday',
    '2026-02-31T00:00:00.000000Z',
    '2026-02-31T00:00:00Z',
    '2026-08-20T24:00:00.000000Z',
    '2026-13-01T00:00:00Z',
    '1787217243',
  ])('is none: %s', (text) => expect(findInstant(text)).toBeNull());

  test('keeps its microseconds when it is shifted', () => {
    expect(addMs(parseInstant('2026-08-20T09:14:03.512345Z'), 1)).toBe('2026-08-20T09:14:03.513345Z');
  });

  const received = parseInstant('2026-08-20T09:00:00Z');
  test.each([
    ['none', null, received],
    ['year 1', '0001-01-01T00:00:00Z', received],
    ['the epoch', '1970-01-01T00:00:00Z', received],
    ['in the future', '2026-08-20T09:00:01Z', received],
    ['an hour ago', '2026-08-20T08:00:00Z', '2026-08-20T08:00:00.000000Z'],
    ['two days ago', '2026-08-18T09:00:00Z', '2026-08-19T09:00:00.000000Z'],
  ])('is believed within a day before it was received: %s', (_, claimed, expected) => {
    expect(believableTime(claimed === null ? null : parseInstant(claimed), received)).toBe(expected);
  });
});
