import { describe, expect, it } from '@jest/globals';
import { MAX_PATTERN_LENGTH, PatternMalformedError } from './pattern.js';
import { type Anchoring, compileRegex } from './tag-regex.js';

const problemOf = (pattern: string) => {
  try {
    compileRegex(pattern, 'search');
  } catch (error) {
    if (error instanceof PatternMalformedError) return error.problem;
    throw error;
  }
  throw new Error(`${pattern} compiled`);
};

describe('tag regex', () => {
  it.each<[string, Anchoring, string, boolean]>([
    ['^v\\d+', 'search', 'v12-rc', true],
    ['^v\\d+', 'full', 'v12-rc', false],
    ['^v\\d+', 'full', 'v12', true],
    ['v', 'search', 'dev', true],
    ['v', 'full', 'dev', false],
    ['a|ab', 'full', 'ab', true],
    ['(?i)^RC', 'search', 'rc1', true],
    ['latest', 'search', 'Latest', false],
  ])('%s, %s, on %s: %s', (pattern, anchoring, tag, expected) => {
    expect(compileRegex(pattern, anchoring).matches(tag)).toBe(expected);
  });

  it.each<[string, number]>([
    ['v(', 1],
    ['a(b)(c', 4],
    ['((a)', 0],
    ['[(](a', 3],
    ['a)', 1],
    ['(a)[)])', 6],
    ['abc[', 3],
    ['x[b-a]', 2],
    ['[**]a**', 5],
    ['*a', 0],
    ['a\\q', 1],
    ['ab\\', 2],
    ['a{1001}', 1],
    ['x(?=y)', 1],
    ['(x)\\1', 3],
    ['a[[:foo:]]', 2],
    ['(?<n', 0],
  ])('refuses %s at position %i', (pattern, position) => {
    const problem = problemOf(pattern);
    expect(problem).toMatchObject({ pattern, position });
    expect(problem.message).toMatch(/^[A-Z].*\.$/);
  });

  it('says what to do instead of a lookahead', () => {
    expect(problemOf('^v(?!.*-rc)').message).toBe(
      'RE2 has no lookahead or lookbehind. Say it with excludingRegex instead.',
    );
  });

  it('caps the length', () => {
    expect(compileRegex('a'.repeat(MAX_PATTERN_LENGTH), 'full').source).toHaveLength(1024);
    expect(problemOf('a'.repeat(MAX_PATTERN_LENGTH + 1)).position).toBe(1024);
  });

  it.each(['('.repeat(1024), '(a*)*'.repeat(200), '['.repeat(1000), `${'()'.repeat(500)}(`])(
    'is quick with what is meant to be slow (%#)',
    (pattern) => {
      const start = performance.now();
      try {
        compileRegex(pattern, 'full').matches(`${'a'.repeat(127)}!`);
      } catch (error) {
        expect(error).toBeInstanceOf(PatternMalformedError);
      }
      expect(performance.now() - start).toBeLessThan(1000);
    },
  );
});
