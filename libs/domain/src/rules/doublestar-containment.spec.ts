import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileDoublestar } from './doublestar.js';
import { containsPattern } from './doublestar-containment.js';
import { repositoryName, repositoryPattern, tagName, tagPattern } from './patterns.fixture.js';

describe('a repository pattern', () => {
  it.each<[string, string, boolean]>([
    ['a/b', 'a/b', true],
    ['**', '{x,y/**}', true],
    ['*', 'a/b', false],
    ['*', '**', false],
    ['a/**', 'a/b/**', true],
    ['a/**', 'a/*', true],
    ['a/**', 'a', false],
    ['a/**', '{a/b,a/c/**}', true],
    ['a/**', '{a/b,c}', false],
    ['a/b/**', 'a/**', false],
    ['a/*', 'a/b', true],
    ['a/*', 'a/b/c', false],
    ['a/*', 'a/b*c', true],
    ['a/*', 'a/**', false],
    ['**/app', 'app', true],
    ['**/app', 'a/b/app', true],
    ['**/app', 'a/**/app', true],
    ['**/app', 'a/*/app', true],
    ['**/app', 'a/xapp', false],
    ['a/**/b/**', 'a/x/b/y', true],
    ['a/**/b/**', 'a/b/y/**', true],
    ['{a,b}/**', 'b/c', true],
    ['a?', 'ab', true],
    ['a?', 'a/', false],
    ['a[b-d]', 'ac', true],
    ['a[b-d]', 'a[b-d]', true],
    ['a?', 'a[b-d]', true],
    ['a[b-d]', 'a?', false],
    ['a[b-d]', 'a[c-e]', false],
    ['a[b-d]', 'ae', false],
    ['ab*', '{abc,abd}', true],
    ['ab*', 'ac*', false],
    ['a[^b]', 'a/', false],
    ['\\*', '*', false],
    ['*', '\\*', true],
    ['[', 'a', false],
  ])('%s holds all of %s: %s', (outer, inner, expected) => {
    expect(containsPattern(outer, inner, 'path')).toBe(expected);
  });

  it.each<[string, fc.Arbitrary<string>, fc.Arbitrary<string>]>([
    ['repositories', repositoryPattern, repositoryName],
    ['tags', tagPattern, tagName],
  ])('holds, of %s, what it is said to hold', (names, pattern, name) => {
    const text = names === 'tags' ? 'component' : 'path';
    fc.assert(
      fc.property(pattern, pattern, fc.array(name, { minLength: 20, maxLength: 40 }), (outer, inner, texts) => {
        if (!containsPattern(outer, inner, text)) return;
        const missed = texts.filter(
          (one) => compileDoublestar(inner).matches(one) && !compileDoublestar(outer).matches(one),
        );
        expect(missed).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('holds the names that it matches, and no others', () => {
    fc.assert(
      fc.property(repositoryPattern, repositoryName, (pattern, name) => {
        expect(containsPattern(pattern, name, 'path')).toBe(compileDoublestar(pattern).matches(name));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives up on patterns too large to compare', () => {
    expect(containsPattern(`${'{a,b*}'.repeat(9)}*`, `${'{a,b*}'.repeat(9)}`, 'path')).toBe(false);
  });
});

describe('a tag pattern', () => {
  it.each<[string, string, boolean]>([
    ['*', '**', true],
    ['v*', 'v**', true],
    ['v*', 'v1.*', true],
    ['{v*,x}', 'x', true],
    ['v1', 'v*', false],
  ])('%s holds all of %s: %s', (outer, inner, expected) => {
    expect(containsPattern(outer, inner, 'component')).toBe(expected);
  });
});
