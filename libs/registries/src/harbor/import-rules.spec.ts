import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { importRules } from '../rule-import/import-rules.js';
import { isCovered, patternOf, someRepository, someTag } from '../rule-import/import-rules-contract.js';

type Decorated = readonly [decoration: string, pattern: string];

/** As Harbor answers it. */
const harborRule = (repository: Decorated, tag: Decorated, more: object = {}) => ({
  id: 3,
  priority: 0,
  disabled: false,
  action: 'immutable',
  template: 'immutable_template',
  tag_selectors: [{ kind: 'doublestar', decoration: tag[0], pattern: tag[1] }],
  scope_selectors: { repository: [{ kind: 'doublestar', decoration: repository[0], pattern: repository[1] }] },
  ...more,
});
const EVERYWHERE: Decorated = ['repoMatches', '**'];
const RELEASES: Decorated = ['matches', 'v*'];

const imported = (settings: unknown) =>
  importRules({ format: 'harbor', registry: 'prod', scope: { project: 'library' }, settings });

describe("Harbor's rules", () => {
  it.each<[string, Decorated, Decorated, object]>([
    [
      'matches × matches',
      ['repoMatches', 'app-*'],
      RELEASES,
      { repositories: { matching: ['library/app-*'] }, tags: { matching: ['v*'] } },
    ],
    [
      'excludes × matches',
      ['repoExcludes', '{a,b/**}'],
      RELEASES,
      { repositories: { matching: ['library/**'], excluding: ['library/{a,b/**}'] }, tags: { matching: ['v*'] } },
    ],
    [
      'matches × excludes',
      EVERYWHERE,
      ['excludes', 'latest'],
      { repositories: { matching: ['library/**'] }, tags: { all: true, excluding: ['latest'] } },
    ],
    [
      'excludes × excludes',
      ['repoExcludes', 'a'],
      ['excludes', '*-dev'],
      {
        repositories: { matching: ['library/**'], excluding: ['library/a'] },
        tags: { all: true, excluding: ['*-dev'] },
      },
    ],
  ])('%s', (_, repository, tag, expected) => {
    const { rules, notExpressed } = imported([harborRule(repository, tag)]);
    expect(rules).toEqual([{ name: 'harbor library rule 3', registries: ['prod'], ...expected }]);
    expect(notExpressed).toEqual([]);
  });

  it('stay disabled, and have names of their own', () => {
    const settings = [harborRule(EVERYWHERE, RELEASES, { disabled: true }), harborRule(EVERYWHERE, RELEASES)];
    expect(imported(settings).rules).toMatchObject([
      { name: 'harbor library rule 3', enabled: false },
      { name: 'harbor library rule 3 (2)' },
    ]);
    expect(imported(settings).rules[1]).not.toHaveProperty('enabled');
  });

  it.each<[string, unknown, string, string]>([
    [
      'a pattern that Harbor saved and cannot read',
      harborRule(EVERYWHERE, ['matches', 'v[']),
      'settings.tag_selectors[0].pattern',
      'Pattern "v[", position 1: ',
    ],
    [
      'the like of a repository',
      harborRule(['repoExcludes', '{a'], RELEASES),
      'settings.scope_selectors.repository[0].pattern',
      'position 0: This "{" is never closed.',
    ],
    [
      'a kind that Harbor does not know',
      harborRule(EVERYWHERE, RELEASES, { tag_selectors: [{ kind: 'label', decoration: 'with', pattern: 'x' }] }),
      'settings.tag_selectors[0].kind',
      '"label"',
    ],
    [
      'a decoration out of place',
      harborRule(['nsMatches', '**'], RELEASES),
      'settings.scope_selectors.repository[0].decoration',
      'repoMatches and repoExcludes',
    ],
    [
      'a rule without tags',
      harborRule(EVERYWHERE, RELEASES, { tag_selectors: [] }),
      'settings.tag_selectors',
      'protects nothing',
    ],
    [
      'a rule without repositories',
      harborRule(EVERYWHERE, RELEASES, { scope_selectors: {} }),
      'settings.scope_selectors.repository',
      'protects nothing',
    ],
    [
      'a pattern that the project makes too long',
      harborRule(['repoMatches', 'a'.repeat(1024)], RELEASES),
      'settings',
      'at most 1024',
    ],
  ])('do not express %s', (_, settings, path, message) => {
    expect(imported(settings)).toMatchObject({
      rules: [],
      notExpressed: [{ path, message: expect.stringContaining(message) }],
    });
  });

  it.each<[string, unknown, string]>([
    ['a slash in front', harborRule(['repoMatches', '/app'], RELEASES), 'rules[0].repositories.matching[0]'],
    [
      'untagged manifests',
      harborRule(EVERYWHERE, RELEASES, {
        tag_selectors: [{ kind: 'doublestar', decoration: 'matches', pattern: 'v*', extras: '{"untagged":true}' }],
      }),
      'settings.tag_selectors[0].extras',
    ],
    [
      'selectors that Harbor overlooks',
      harborRule(EVERYWHERE, RELEASES, {
        tag_selectors: ['v*', 'x*'].map((pattern) => ({ kind: 'doublestar', decoration: 'matches', pattern })),
      }),
      'settings.tag_selectors',
    ],
    ['braces that are missing', harborRule(EVERYWHERE, ['matches', 'rc,test']), 'rules[0].tags.matching[0]'],
    ['signatures', harborRule(EVERYWHERE, ['matches', '**']), 'rules'],
  ])('are expressed with a note about %s', (_, settings, path) => {
    const { rules, notes } = imported(settings);
    expect(rules).toHaveLength(1);
    expect(notes.map((note) => note.path)).toEqual([path]);
  });

  it.each<[string, unknown, string]>([
    ["Harbor's error", { errors: [{ code: 'FORBIDDEN', message: 'forbidden' }] }, 'settings.tag_selectors: '],
    [
      'a pattern that is no text',
      [harborRule(EVERYWHERE, ['matches', 1 as never])],
      'settings[0].tag_selectors[0].pattern: ',
    ],
    ['a text', 'rules', 'settings: '],
    ['nothing', null, 'settings: '],
  ])('are refused: %s', (_, settings, place) => {
    expect(() => imported(settings)).toThrow(expect.objectContaining({ code: 'RULE_IMPORT_MALFORMED' }));
    expect(() => imported(settings)).toThrow(place);
  });

  it.each([undefined, '', 'a/b', '*'])('need a project: not %j', (project) => {
    const request = { format: 'harbor', registry: null, scope: { project }, settings: [] };
    expect(() => importRules(request)).toThrow(/^scope\.project: /);
  });

  it('mean what they mean in Harbor', () => {
    const pattern = patternOf([
      'a',
      'b',
      'v1',
      '-',
      '*',
      '?',
      '**',
      '**/',
      '/',
      '/**',
      '{a,b}',
      '{a/b,**/v1}',
      '[ab]',
      '[^v]',
    ]);
    const repositorySelector = fc.tuple(fc.constantFrom('repoMatches', 'repoExcludes'), pattern);
    const tagSelector = fc.tuple(fc.constantFrom('matches', 'excludes'), pattern);
    const some = fc.array(fc.record({ repository: repositorySelector, tag: tagSelector, disabled: fc.boolean() }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(
        some,
        fc.constantFrom('library', 'other'),
        someRepository,
        someTag,
        (rules, project, repository, tag) => {
          const settings = rules.map((rule) => harborRule(rule.repository, rule.tag, { disabled: rule.disabled }));
          const immutable = rules.some(
            (rule) => !rule.disabled && selects(rule.repository, repository) && selects(rule.tag, tag),
          );
          expect(isCovered(imported(settings), `${project}/${repository}`, tag)).toBe(
            project === 'library' && immutable,
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

const selects = ([decoration, pattern]: Decorated, name: string): boolean =>
  naive(pattern, name) !== /excludes$/i.test(decoration);

/** Harbor's pattern language by its description: braces written out, components compared one by one. */
function naive(pattern: string, name: string): boolean {
  const [, before, alternatives, after] = /^(.*?)\{([^{}]*)\}(.*)$/.exec(pattern) ?? [];
  if (alternatives !== undefined) return alternatives.split(',').some((one) => naive(`${before}${one}${after}`, name));
  return components(pattern.split('/'), name.split('/'));
}

function components([first, ...patterns]: string[], names: string[]): boolean {
  if (first === undefined) return names.length === 0;
  if (first === '**') {
    if (patterns.length === 0) return names.length > 0;
    return names.some((_, index) => components(patterns, names.slice(index)));
  }
  return names.length > 0 && characters(first, names[0]!) && components(patterns, names.slice(1));
}

function characters(pattern: string, name: string): boolean {
  if (pattern === '') return name === '';
  if (pattern[0] === '*')
    return characters(pattern.slice(1), name) || (name !== '' && characters(pattern, name.slice(1)));
  if (name === '') return false;
  const set = /^\[(\^?)([^\]]*)\]/.exec(pattern);
  if (set) {
    return set[2]!.includes(name[0]!) !== (set[1] === '^') && characters(pattern.slice(set[0].length), name.slice(1));
  }
  return (pattern[0] === '?' || pattern[0] === name[0]) && characters(pattern.slice(1), name.slice(1));
}
