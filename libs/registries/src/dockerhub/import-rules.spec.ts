import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { importRules } from '../rule-import/import-rules.js';
import { isCovered, patternOf, someTag } from '../rule-import/import-rules-contract.js';

const imported = (settings: unknown, repository?: string) =>
  importRules({ format: 'dockerhub', registry: 'prod', scope: { repository }, settings });

/** As Docker Hub answers it. */
const repository = (enabled: boolean, rules: readonly string[] | null, name = 'app') => ({
  user: 'acme',
  name,
  namespace: 'acme',
  repository_type: 'image',
  is_private: false,
  immutable_tags_settings: { enabled, rules },
});
const RULE = { name: 'dockerhub acme/app', registries: ['prod'], repositories: { matching: ['acme/app'] } };

describe("Docker Hub's settings", () => {
  it('all mutable: no rule, and a note', () => {
    expect(imported(repository(false, ['.*']))).toEqual({
      rules: [],
      notExpressed: [],
      notes: [{ path: 'settings', message: 'All tags of acme/app are mutable: it needs no rule.' }],
    });
  });

  it.each<[string, readonly string[], object]>([
    ['all immutable', ['.*'], { all: true }],
    ['all, said otherwise and not alone', ['^v', '^.+$'], { all: true }],
    ['specific', ['^v\\d', '-RELEASE$'], { regex: ['^v\\d', '-RELEASE$'], anchoring: 'search' }],
  ])('%s', (_, rules, tags) => {
    expect(imported(repository(true, rules))).toMatchObject({ rules: [{ ...RULE, tags }], notExpressed: [] });
  });

  it.each<[string, unknown]>([
    ['the settings alone', { enabled: true, rules: ['^v'] }],
    ['the body that changes them', { immutable_tags: true, immutable_tags_rules: ['^v'] }],
  ])('are taken from %s, with the repository named beside it', (_, settings) => {
    const tags = { regex: ['^v'], anchoring: 'search' };
    expect(imported(settings, 'acme/app').rules).toEqual([{ ...RULE, tags }]);
    expect(() => imported(settings)).toThrow(/^scope\.repository: It is required\./);
  });

  it('are taken from several repositories', () => {
    const { rules, notes } = imported([
      repository(true, ['^v']),
      repository(false, [], 'b'),
      repository(true, ['x'], 'c'),
    ]);
    expect(rules.map(({ name }) => name)).toEqual(['dockerhub acme/app', 'dockerhub acme/c']);
    expect(notes.map(({ path }) => path)).toEqual(['settings[1]']);
  });

  it('keep the sound regexes beside one that is refused', () => {
    const { rules, notExpressed } = imported(repository(true, ['^v', 'x(', '']));
    expect(rules).toMatchObject([{ tags: { regex: ['^v'], anchoring: 'search' } }]);
    expect(notExpressed).toEqual([
      {
        path: 'settings.immutable_tags_settings.rules[1]',
        message: expect.stringContaining('Pattern "x(", position 1: This "(" is never closed.'),
      },
      { path: 'settings.immutable_tags_settings.rules[2]', message: expect.stringContaining('{ all: true }') },
    ]);
  });

  it.each<[readonly string[] | null]>([[[]], [null], [['(']]])('make no rule of %j', (rules) => {
    const outcome = imported(repository(true, rules));
    expect(outcome.rules).toEqual([]);
    expect(outcome.notExpressed).toHaveLength(1);
  });

  it.each<[string, unknown, string]>([
    ["Docker Hub's error", { message: 'object not found' }, 'settings.immutable_tags_settings: '],
    ['rules that are no list', { enabled: true, rules: '.*' }, 'settings.rules: '],
    ['an odd name', [{ ...repository(true, ['.*']), name: '..' }], 'settings[0].name: '],
    ['a number', 7, 'settings: '],
  ])('are refused: %s', (_, settings, place) => {
    expect(() => imported(settings)).toThrow(expect.objectContaining({ code: 'RULE_IMPORT_MALFORMED' }));
    expect(() => imported(settings)).toThrow(place);
  });

  it('mean what they mean at Docker Hub: a regex found anywhere in the tag', () => {
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
      '^',
      '$',
      '\\d',
      'b?',
      '1+',
    ]);
    const some = fc.array(regex, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.boolean(), some, fc.constantFrom('app', 'b'), someTag, (enabled, rules, name, tag) => {
        const immutable = enabled && name === 'app' && rules.some((rule) => new RegExp(rule).test(tag));
        expect(isCovered(imported(repository(enabled, rules)), `acme/${name}`, tag)).toBe(immutable);
      }),
      { numRuns: 500 },
    );
  });
});
