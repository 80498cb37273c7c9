import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseRegistryName, parseRepositoryName, parseTagName } from '../names.js';
import { compileRule } from './compile-rule.js';
import { repositoryName, repositoryPattern, tagName, tagPattern } from './patterns.fixture.js';
import { protectionOf } from './protection.js';
import { fileRuleIdentity, type RuleDefinition, ruleOf } from './rule.js';
import { shadowingRules, shadowWarningsOf } from './shadowed-rule.js';

const RELEASES: RuleDefinition = {
  name: 'releases',
  repositories: { matching: ['acme/**'], excluding: ['acme/sandbox/**'] },
  tags: { matching: ['v*'], excluding: ['*-dev'] },
};
type Changes = Partial<RuleDefinition>;
const other = (changes: Changes, name = 'other') => ruleOf({ ...RELEASES, name, ...changes }, fileRuleIdentity(name));
const namesOf = (changes: Changes, others: readonly Changes[]): string[] => {
  const rules = others.map((definition, index) => other(definition, `other${index}`));
  return shadowingRules(other(changes, 'this'), rules).map(({ name }) => name);
};

describe('a rule is shadowed', () => {
  it.each<[string, Changes, Changes]>([
    ['by its like', {}, {}],
    ['by more repositories', {}, { repositories: { excluding: ['acme/sandbox/**'] } }],
    ['by fewer exclusions', {}, { repositories: { matching: ['acme/**'] } }],
    ['by a narrower exclusion', {}, { repositories: { matching: ['**'], excluding: ['acme/sandbox/x'] } }],
    ['by every tag', {}, { tags: { all: true } }],
    ['by a wider tag pattern', { tags: { matching: ['v1.*', 'v2'] } }, { tags: { matching: ['v*'] } }],
    ['by every registry', { registries: ['local', 'prod-*'] }, {}],
    [
      'by a regex, being a plain name',
      { tags: { matching: ['v1'] } },
      { tags: { regex: ['^v'], anchoring: 'search' } },
    ],
    [
      'by the same regex',
      { tags: { regex: ['v'], anchoring: 'full' } },
      { tags: { regex: ['^x', 'v'], anchoring: 'full' } },
    ],
    ['by a regex for everything', { tags: { all: true } }, { tags: { regex: ['.*'], anchoring: 'full' } }],
    ['by enforcement, being audit', { mode: 'audit' }, { protect: ['deletion'] }],
    ['by more protection', { protect: ['deletion'] }, {}],
    ['among signatures', { tags: { matching: ['sha256-*.sig'] } }, { tags: { matching: ['sha256-*'] } }],
  ])('%s', (_, rule, shadowing) => {
    expect(namesOf(rule, [shadowing])).toEqual(['other0']);
  });

  it.each<[string, Changes, Changes]>([
    ['the other is disabled', {}, { enabled: false }],
    ['it is disabled', { enabled: false }, {}],
    ['the other excludes more', {}, { tags: { matching: ['v*'], excluding: ['*-dev', '*-rc'] } }],
    ['the other excludes other repositories', {}, { repositories: { matching: ['acme/**'], excluding: ['acme/x'] } }],
    ['the other only audits', {}, { mode: 'audit', tags: { all: true } }],
    ['the other protects less', {}, { protect: ['overwrite'] }],
    ['the other has fewer registries', {}, { registries: ['local'] }],
    [
      'the other anchors otherwise',
      { tags: { regex: ['v'], anchoring: 'search' } },
      { tags: { regex: ['v'], anchoring: 'full' } },
    ],
    ['it names signatures', { tags: { matching: ['sha256-*'] } }, { tags: { matching: ['*'] } }],
  ])('not when %s', (_, rule, shadowing) => {
    expect(namesOf(rule, [shadowing])).toEqual([]);
  });

  it('by two that protect it together', () => {
    expect(namesOf({}, [{ protect: ['deletion'] }, { mode: 'audit' }, { protect: ['overwrite'] }])).toEqual([
      'other2',
      'other0',
    ]);
    expect(namesOf({}, [{ protect: ['deletion'] }, { protect: ['deletion'] }])).toEqual([]);
  });
});

describe('the warning', () => {
  it('names the other rule', () => {
    expect(shadowWarningsOf(RELEASES, [other({})])).toEqual([
      {
        code: 'shadowed',
        path: '',
        pattern: null,
        example: null,
        message:
          'Rule "other" covers everything that this rule covers, and protects it at least as strictly, so this one changes nothing. ' +
          'Remove it, or let it cover more.',
      },
    ]);
  });

  it('is not given of a malformed rule', () => {
    expect(shadowWarningsOf({ ...RELEASES, tags: { matching: [] } }, [other({})])).toEqual([]);
  });
});

const definition: fc.Arbitrary<RuleDefinition> = fc.record({
  name: fc.constantFrom('p', 'q', 'r'),
  registries: fc.option(fc.subarray(['*', 'l*', 'local', 'x'], { minLength: 1 }), { nil: undefined }),
  repositories: fc.option(
    fc.record({
      matching: fc.array(fc.oneof(repositoryPattern, fc.constantFrom('**', 'a/**', '*/**', 'a/a')), {
        minLength: 1,
        maxLength: 3,
      }),
      excluding: fc.oneof(fc.constant([]), fc.array(repositoryPattern, { maxLength: 1 })),
    }),
    { nil: undefined },
  ),
  tags: fc.oneof(
    fc.constant({ all: true as const }),
    fc.record({
      matching: fc.array(tagPattern, { minLength: 1, maxLength: 2 }),
      excluding: fc.oneof(fc.constant([]), fc.array(tagPattern, { maxLength: 1 })),
    }),
    fc.record({
      regex: fc.subarray(['.*', '^v', 'v', 'sha256-', '1$'], { minLength: 1 }),
      excludingRegex: fc.subarray(['a', '^v']),
      anchoring: fc.constantFrom('search' as const, 'full' as const),
    }),
  ),
  mode: fc.constantFrom('enforce' as const, 'audit' as const),
  protect: fc.subarray(['overwrite' as const, 'deletion' as const], { minLength: 1 }),
  enabled: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
});
const tagRef = fc.record({
  registry: fc.constantFrom('local', 'x', 'y').map(parseRegistryName),
  repository: repositoryName.map(parseRepositoryName),
  tag: tagName.map(parseTagName),
});

it('a shadowed rule changes nothing, wherever it stands', () => {
  let shadowedOnes = 0;
  fc.assert(
    fc.property(
      definition,
      fc.array(definition, { minLength: 1, maxLength: 4 }),
      fc.nat(4),
      fc.array(tagRef, { minLength: 20, maxLength: 30 }),
      (shadowed, definitions, place, refs) => {
        const others = definitions.map((one, index) => compileRule({ ...one, name: `${index}` }));
        const rule = compileRule(shadowed);
        if (
          shadowingRules(
            rule.rule,
            others.map((one) => one.rule),
          ).length === 0
        )
          return;
        shadowedOnes += 1;
        for (const ref of refs) {
          const without = protectionOf(others, ref);
          expect(protectionOf([...others, rule], ref)).toEqual(without);
          const inserted = protectionOf(others.toSpliced(place, 0, rule), ref);
          expect([inserted?.mode, inserted?.protect]).toEqual([without?.mode, without?.protect]);
        }
      },
    ),
    { numRuns: 600 },
  );
  expect(shadowedOnes).toBeGreaterThan(10);
});
