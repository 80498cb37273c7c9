import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileDoublestar, escapeDoublestar } from './doublestar.js';
import { PatternMalformedError } from './pattern.js';

const matches = (pattern: string, text: string) => compileDoublestar(pattern).matches(text);

const problemOf = (pattern: string) => {
  try {
    compileDoublestar(pattern);
  } catch (error) {
    if (error instanceof PatternMalformedError) return error.problem;
    throw error;
  }
  throw new Error(`${pattern} compiled`);
};

describe('doublestar', () => {
  it.each<[string, string, boolean]>([
    ['release-**', 'release-1.10', true],
    ['release-**', '1.10', false],
    ['{latest,4.*}', 'latest', true],
    ['{latest,4.*}', '4.0', true],
    ['har*', 'harbor', true],
    ['har*', 'har/bor', false],
    ['{rc,test,nightly}', 'rc', true],
    ['rc,test,nightly', 'rc', false],
    ['cbmp/{firstRepo,secondRepo}', 'cbmp/firstRepo', true],
    ['**/builder-go', 'builder-go', true],
    ['**/builder-go', 'noroot/builder-go', true],
    ['qa/**', 'qa/team/backend', true],
    ['qa/**', 'qa', false],
    ['v?.?.?', 'v1.2.3', true],
    ['v?.?.?', 'v1.10.3', false],
    ['[^v]*', 'x1', true],
    ['[^v]*', 'v1', false],
  ])("Harbor's vector %s on %s: %s", (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it.each<[string, string, boolean]>([
    ['**', '', true],
    ['**', 'a/b/c', true],
    ['*', '', true],
    ['*', 'a/b', false],
    ['v1', 'V1', false],
    ['v1', 'v1.2', false],
    ['1', 'v1', false],
    ['{rc, test}', 'test', false],
    ['{rc, test}', ' test', true],
    ['[!v]*', '!1', true],
    ['[!v]*', 'v1', true],
    ['[!v]*', 'x1', false],
    ['a/**/d', 'a/d', true],
    ['a/**/d', 'a/b/c/d', true],
    ['a/**/d', 'ad', false],
    ['**/a/**', 'a', false],
    ['**/a/**', 'x/a/b/c', true],
    ['a**/b', 'ax/b', true],
    ['a**/b', 'a/x/b', false],
    ['a?b', 'a/b', false],
    ['a?b', 'a☺b', true],
    ['a[^x]b', 'a/b', false],
    ['a[.-0]b', 'a/b', false],
    ['a[.-0]b', 'a.b', true],
    ['[/]', '/', false],
    ['[a-cx]1', 'b1', true],
    ['[\\]a]', ']', true],
    ['[x\\-]', '-', true],
    ['[a-ζ]*', 'α', true],
    ['v1\\*', 'v1*', true],
    ['v1\\*', 'v12', false],
    ['v}', 'v}', true],
    ['{a/{b,c},abc}', 'a/c', true],
    ['{a/{b,c},abc}', 'a/b/c', false],
    ['v1{,-alpine}', 'v1', true],
    ['{a,b/}**', 'b/x/y', true],
    ['{a,b/}**', 'a/x', false],
    ['x.y', 'xzy', false],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it.each<[string, string]>([
    ['a*{,b}', 'ac'],
    ['***', ''],
    ['{**,x}', 'a/b'],
    ['a\\/b', 'a/b'],
    ['[\\\\]', '\\'],
    ['a{,/b}', 'a'],
  ])('matches where v1.3.4 overlooks or refuses what its language says: %s on %s', (pattern, text) => {
    expect(matches(pattern, text)).toBe(true);
  });

  it.each<[string, number]>([
    ['[', 0],
    ['v[^', 1],
    ['{a', 0],
    ['v1{a,{b}', 2],
    ['ab\\', 2],
    ['{a\\', 2],
    ['a[]b', 1],
    ['[]a]', 0],
    ['[^]', 0],
    ['[-x]', 1],
    ['[x-]', 2],
    ['[a-b-c]', 4],
    ['x[b-a]', 2],
    ['{a,b*}'.repeat(12), 54],
    ['a'.repeat(1025), 1024],
  ])('refuses %s at position %i', (pattern, position) => {
    const problem = problemOf(pattern);
    expect(problem).toMatchObject({ pattern, position });
    expect(problem.message).toMatch(/\.$/);
  });

  it('matches a text by its escaped form, and nothing else', () => {
    const text = fc.oneof(fc.string({ maxLength: 60 }), fc.stringMatching(/^[*?[\]{},\\/^!a-]{0,20}$/));
    fc.assert(
      fc.property(text, text, (written, other) => {
        const pattern = compileDoublestar(escapeDoublestar(written));
        return pattern.matches(written) && pattern.matches(other) === (written === other);
      }),
    );
  });

  it('matches everything by **', () => {
    fc.assert(fc.property(fc.string(), (text) => matches('**', text)));
  });

  it('compiles or refuses any pattern, and answers', () => {
    const syntax = fc.stringMatching(/^[*?[\]{},\\/^!ab-]{0,40}$/);
    fc.assert(
      fc.property(syntax, syntax, (pattern, text) => {
        try {
          compileDoublestar(pattern).matches(text);
        } catch (error) {
          expect(error).toBeInstanceOf(PatternMalformedError);
        }
      }),
    );
  });

  it.each([
    '*a'.repeat(512),
    `${'**/'.repeat(341)}b`,
    '{a,b*}'.repeat(4) + 'a*'.repeat(280),
    '{'.repeat(512) + '}'.repeat(512),
    '{,}'.repeat(341),
    `${'{a,b*}'.repeat(8)}${'[a-z]'.repeat(190)}`,
  ])('is quick with what is meant to be slow (%#)', (pattern) => {
    const start = performance.now();
    try {
      const compiled = compileDoublestar(pattern);
      for (let index = 0; index < 20; index += 1) compiled.matches(`${'a'.repeat(200 + index)}!`);
    } catch (error) {
      expect(error).toBeInstanceOf(PatternMalformedError);
    }
    expect(performance.now() - start).toBeLessThan(1500);
  });
});
