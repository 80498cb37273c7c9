import { describe, expect, it } from '@jest/globals';
import { samplesOf } from './regex-samples.js';
import { suspectRegex } from './suspect-regex.js';
import { compileRegex } from './tag-regex.js';

/** The regex, a tag that surprises, and what is advised instead. */
const SURPRISING: readonly (readonly [regex: string, example: string, advice: string])[] = [
  ['v\\d+', 'dev1', '^v\\d+'],
  ['v\\d+\\.\\d+$', 'dev1.1', '^v\\d+\\.\\d+$'],
  ['[vV]?\\d+\\.\\d+\\.\\d+', 'dev1.1.1', '^[vV]?\\d+\\.\\d+\\.\\d+'],
  ['(?:v|V)[0-9]{2}', 'dev11', '^(?:(?:v|V)[0-9]{2})'],
  ['(?i)v\\d', 'dev1', '^(?i)v\\d'],
  ['\\d+\\.\\d+\\.\\d+', 'not-1.1.1', '^\\d+\\.\\d+\\.\\d+'],
  ['1\\.2\\.3', '11.2.3', '^1\\.2\\.3'],
  ['(?P<major>\\d+)\\.\\d+', 'not-1.1', '^(?P<major>\\d+)\\.\\d+'],
  ['latest', 'not-latest', '^latest$'],
  ['latest|stable', 'not-latest', '^(?:latest|stable)$'],
  ['^v\\d+|latest', 'not-latest', '^(?:v\\d+|latest)'],
  ['^v1|v2', 'dev2', '^(?:v1|v2)'],
  ['^v\\d+|v\\d+-rc$', 'dev1-rc', '^(?:v\\d+|v\\d+-rc$)'],
  ['^alpha|beta$', 'not-beta', '^(?:alpha|beta)$'],
  ['^v1', 'v10', '^v1$'],
  ['^v1\\.2', 'v1.20', '^v1\\.2$'],
  ['^1.2.3', '1.2.30', '^1.2.3$'],
];

describe('a regex found anywhere', () => {
  it.each(SURPRISING)('%s surprises with %s', (regex, example, advice) => {
    const finding = suspectRegex(regex, 'search');
    expect(finding).toMatchObject({ code: 'unanchoredRegex', example });
    expect(finding?.message).toContain(JSON.stringify(example));
    expect(finding?.message).toContain(`Write ${JSON.stringify(advice)}`);
  });

  it.each(SURPRISING)('%s matches %s, and what is advised does not, but what was meant', (regex, example, advice) => {
    expect(compileRegex(regex, 'search').matches(example)).toBe(true);
    expect(compileRegex(advice, 'search').matches(example)).toBe(false);
    expect(samplesOf(regex).filter(compileRegex(advice, 'search').matches)).not.toEqual([]);
  });

  it.each([
    '^v\\d+',
    '\\Av\\d+',
    '^(?:v\\d+|latest)$',
    '(^v\\d+|^latest)$',
    '^(a|b)$',
    '.*v\\d+',
    '-rc',
    '-rc\\d*$',
    '^v\\d+|-rc$',
    'alpha|beta',
    'rc',
    'v',
    'latest$',
    '\\d{8}',
    '[0-9a-f]{7,40}',
    '\\bv\\d+\\b',
    '\\p{L}v\\d',
    '^v',
    '^v1\\.',
    '^v1\\.10',
    '^v1\\.0',
    '^2024',
    '^v1\\.2(?:\\D|$)',
    '^release-',
    'a|^$',
    '(malformed',
  ])('%s: nothing to say', (regex) => {
    expect(suspectRegex(regex, 'search')).toBeNull();
  });
});

describe('a regex over the whole tag', () => {
  it.each([
    ['^v', 'v', 'v.*'],
    ['v', 'v', 'v.*'],
    ['release-', 'release-', 'release-.*'],
    ['^1\\.', '1.', '1\\..*'],
  ])('%s matches one odd tag', (regex, example, advice) => {
    const finding = suspectRegex(regex, 'full');
    expect(finding).toMatchObject({ code: 'prefixOnly', example });
    expect(finding?.message).toContain(`Write ${JSON.stringify(advice)}`);
    expect(compileRegex(regex, 'full').matches(example)).toBe(true);
    expect(compileRegex(advice, 'full').matches(`${example}1`)).toBe(true);
  });

  it.each(['v\\d+', 'latest', '^latest', '^v$', 'v.*', '1.', 'release', 'release-.', 'release-?'])(
    '%s: nothing to say',
    (regex) => {
      expect(suspectRegex(regex, 'full')).toBeNull();
    },
  );
});

describe('samples', () => {
  it.each<[string, string[]]>([
    ['v?\\d+(-rc\\d*)?', ['v1-rc1']],
    ['(a|b)(c|d)', ['ac', 'ad', 'bc', 'bd']],
    ['^x{3}[^a-y]$', ['xxxz']],
    ['a.b', ['a.b']],
    ['.*a', ['xa']],
    ['a\\.b\\-[]a]', ['a.b-a']],
    ['a{0}b', ['b']],
    ['a{,2}', ['a{,2}']],
    ['\\x41', []],
    ['[[:alpha:]]', []],
  ])('of %s are %j', (regex, expected) => {
    expect(samplesOf(regex)).toEqual(expected);
  });

  it('are bounded in number', () => {
    expect(samplesOf('(a|b)'.repeat(100))).toHaveLength(32);
  });
});
