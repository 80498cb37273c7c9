import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseRepositoryName } from '../names.js';
import { compileDoublestar } from './doublestar.js';
import { canMatchName, REGISTRY_GRAMMAR, REPOSITORY_GRAMMAR, TAG_GRAMMAR } from './name-grammar.js';
import { repositoryName, repositoryPattern } from './patterns.fixture.js';
import { suspectRepository } from './suspect-repository.js';

describe('a repository pattern', () => {
  it.each<[string, string, string]>([
    ['/acme/app', 'impossibleRepository', 'begins with "/", so this never matches. Write "acme/app".'],
    ['acme/', 'impossibleRepository', 'ends with "/", so this never matches. Write "acme/**".'],
    ['acme//app', 'impossibleRepository', 'has "//" in it, so this never matches. Write "acme/app".'],
    ['acme/app:v1', 'impossibleRepository', 'Write "acme/app". Tags are chosen under tags.'],
    ['acme/app:*', 'impossibleRepository', 'Write "acme/app". Tags are chosen under tags.'],
    ['app:v1', 'impossibleRepository', 'Write "app".'],
    ['acme/app@sha256:abc', 'impossibleRepository', 'has "@" in it, so this never matches. Write "acme/app".'],
    ['host:5000/acme/**', 'impossibleRepository', '":" in it, so this never matches. Write "acme/**". Registries'],
    ['https://reg.example/acme/**', 'impossibleRepository', 'Write "acme/**". Registries are chosen'],
    ['host:5000/acme/app:v1', 'impossibleRepository', 'Write "acme/app". Registries are chosen'],
    ['acme/-app', 'impossibleRepository', 'as "-app" does'],
    ['acme./app', 'impossibleRepository', 'as "acme." does'],
    ['.*', 'impossibleRepository', 'as ".*" does'],
    ['{-a,b-}/c', 'impossibleRepository', 'No repository has this form'],
    ['acme,other', 'inertPattern', '"{acme,other}"'],
    ['{acme, other}/**', 'inertPattern', 'a space'],
    [
      'reg.example/acme/**',
      'registryHost',
      'looks like a registry\'s host, and repositories are matched without it. Write "acme/**"',
    ],
    ['localhost/app', 'registryHost', 'Write "app"'],
    ['Acme/**', 'upperCaseRepository', 'Write "acme/**"'],
    ['{acme,Web}/**', 'upperCaseRepository', 'Write "{acme,web}/**"'],
  ])('%s: %s', (pattern, code, message) => {
    expect(suspectRepository(pattern)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it.each(['**', '*', 'acme/**', '**/app', 'acme/*-ci', '*.x', 'a.b', 'acme/v1.2', 'a/{,b}c', '[A-Z]*', '{/a,b}'])(
    '%s: nothing to say',
    (pattern) => {
      expect(suspectRepository(pattern)).toBeNull();
    },
  );

  it('says that something never matches only where no name does', () => {
    fc.assert(
      fc.property(repositoryPattern, fc.array(repositoryName, { minLength: 20, maxLength: 40 }), (pattern, names) => {
        if (suspectRepository(pattern)?.code !== 'impossibleRepository') return;
        const { matches } = compileDoublestar(pattern);
        expect(names.filter((name) => matches(parseRepositoryName(name)))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('can match whenever a name does', () => {
    fc.assert(
      fc.property(repositoryPattern, repositoryName, (pattern, name) => {
        fc.pre(compileDoublestar(pattern).matches(name));
        expect(canMatchName(pattern, REPOSITORY_GRAMMAR)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a pattern can match', () => {
  it.each([
    ['v*', TAG_GRAMMAR, true],
    ['_x', TAG_GRAMMAR, true],
    ['.*', TAG_GRAMMAR, false],
    ['-?', TAG_GRAMMAR, false],
    ['a/b', TAG_GRAMMAR, false],
    ['**/v1', TAG_GRAMMAR, true],
    ['[^a-zA-Z0-9_]*', TAG_GRAMMAR, false],
    ['prod-*', REGISTRY_GRAMMAR, true],
    ['prod-', REGISTRY_GRAMMAR, false],
    ['[A-Z]*', REGISTRY_GRAMMAR, false],
    ['a/**/b', REPOSITORY_GRAMMAR, true],
    ['a?', REPOSITORY_GRAMMAR, true],
    ['a/**/', REPOSITORY_GRAMMAR, false],
    ['{a/,b/}c', REPOSITORY_GRAMMAR, true],
  ] as const)('%s (%#): %s', (pattern, grammar, expected) => {
    expect(canMatchName(pattern, grammar)).toBe(expected);
  });
});
