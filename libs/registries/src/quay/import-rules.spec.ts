import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { importRules } from '../rule-import/import-rules.js';
import { isCovered, patternOf, someTag } from '../rule-import/import-rules-contract.js';
import type { RuleImportScope } from '../rule-import/import-rules-types.js';

const imported = (settings: unknown, scope: RuleImportScope = { organisation: 'acme' }) =>
  importRules({ format: 'quay', registry: 'prod', scope, settings });

/** As Quay answers it. */
const policies = (...listed: readonly (readonly [tagPattern: string, tagPatternMatches: boolean])[]) => ({
  policies: listed.map(([tagPattern, tagPatternMatches], index) => ({
    uuid: `ce2bdcc0-ced2-4a1a-ac36-00000000000${index}`,
    tagPattern,
    tagPatternMatches,
  })),
});

describe("Quay's policies", () => {
  it.each<[string, boolean, object]>([
    ['that match', true, { regex: ['^v.*$'], anchoring: 'full' }],
    ['that do not', false, { regex: ['.*'], excludingRegex: ['^v.*$'], anchoring: 'full' }],
  ])('for tags %s', (_, matches, tags) => {
    const { rules, notExpressed } = imported(policies(['^v.*$', matches]));
    const repositories = { matching: ['acme/**'] };
    expect(rules).toEqual([{ name: 'quay acme policy 1', registries: ['prod'], repositories, tags }]);
    expect(notExpressed).toEqual([]);
  });

  it.each<[RuleImportScope, string]>([
    [{ organisation: 'acme' }, 'acme/**'],
    [{ repository: 'acme/app' }, 'acme/app'],
    [{ organisation: 'acme', repository: 'acme/app' }, 'acme/app'],
  ])('belong to %j', (scope, expected) => {
    expect(imported({ tagPattern: 'v.*' }, scope).rules).toMatchObject([{ repositories: { matching: [expected] } }]);
  });

  it.each<[RuleImportScope, RegExp]>([
    [{}, /^scope\.organisation: It is required\./],
    [{ organisation: 'acme', repository: 'app' }, /^scope\.repository: .*acme\/app/],
    [{ organisation: 'a b' }, /^scope\.organisation: /],
  ])('cannot belong to %j', (scope, message) => {
    expect(() => imported(policies(), scope)).toThrow(message);
  });

  it.each<[string, string]>([
    ['v(?!.*-rc).*', 'excludingRegex'],
    ['(v)\\1', 'backreferences'],
    ['v{,3}', 'Write {0,n}'],
    ['v[[:digit:]]+', 'List the characters'],
    ['v(?i)rc', 'begin inside'],
    ['v\\Z', 'no such escape'],
    ['v*+', 'repetition'],
  ])('do not express %s, which is Python', (pattern, message) => {
    for (const matches of [true, false]) {
      expect(imported(policies([pattern, matches]))).toMatchObject({
        rules: [],
        notExpressed: [{ path: 'settings.policies[0].tagPattern', message: expect.stringContaining(message) }],
      });
    }
  });

  it.each(['(?i)rc.*', 'v\\{,3}$', '\\[:a:\\]$', '\\\\1$', '(?P<n>v)$'])(
    'take %s, which only looks foreign',
    (pattern) => {
      expect(imported(policies([pattern, true]))).toMatchObject({
        rules: [{ tags: { regex: [pattern] } }],
        notExpressed: [],
      });
    },
  );

  it.each<[string, boolean]>([
    ['v1', true],
    ['v\\.*', true],
    ['v|w$', true],
    ['v\\$', true],
    ['^v1$', false],
    ['v.*', false],
  ])('%s: a note that some versions match the beginning only: %s', (pattern, expected) => {
    const paths = imported(policies([pattern, true])).notes.map(({ path }) => path);
    expect(paths.includes('settings.policies[0].tagPattern')).toBe(expected);
  });

  it.each<[string, unknown, string]>([
    ["Quay's error", { detail: 'Not found', status: 404 }, 'settings.tagPattern: '],
    ['policies that are no list', { policies: {} }, 'settings.policies: '],
    ['a pattern that is no text', { policies: [{ tagPattern: null }] }, 'settings.policies[0].tagPattern: '],
    ['a word for a boolean', [{ tagPattern: 'v', tagPatternMatches: 'no' }], 'settings[0].tagPatternMatches: '],
  ])('are refused: %s', (_, settings, place) => {
    expect(() => imported(settings)).toThrow(expect.objectContaining({ code: 'RULE_IMPORT_MALFORMED' }));
    expect(() => imported(settings)).toThrow(place);
  });

  it('mean what they mean in Quay: a regex for the whole tag, or for the others', () => {
    const regex = patternOf([
      'a',
      'b',
      'v',
      '1',
      '\\.',
      '.',
      '.*',
      '[ab]',
      '[^v]',
      '(?:a|v1)',
      '|',
      '^',
      '$',
      '\\d',
      'b?',
      '1{1,2}',
    ]);
    const some = fc.array(fc.tuple(regex, fc.boolean()), { minLength: 1, maxLength: 3 });
    const repository = fc.constantFrom('acme/app', 'acme/team/app', 'other/app');
    fc.assert(
      fc.property(some, repository, someTag, (listed, repository, tag) => {
        const immutable = listed.some(([pattern, matches]) => new RegExp(`^(?:${pattern})$`).test(tag) === matches);
        const isOurs = repository.startsWith('acme/');
        expect(isCovered(imported(policies(...listed)), repository, tag)).toBe(isOurs && immutable);
      }),
      { numRuns: 500 },
    );
  });
});
