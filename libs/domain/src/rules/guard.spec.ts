import { describe, expect, it } from '@jest/globals';
import { parseRepositoryName } from '../names.js';
import { compileRule } from './compile-rule.js';
import { RuleHistory } from './coverage.js';
import { protectionOf } from './protection.js';
import { ref as refOf } from './ref.fixture.js';
import { definitionOf, type RuleDefinition, ruleOf } from './rule.js';
import { shadowWarningsOf } from './shadowed-rule.js';
import { spareRepository } from './spare-repository.js';

const rule = (change: Partial<RuleDefinition>) => compileRule({ name: 'r', tags: { all: true }, ...change });
const ref = refOf('local/team/app:v1');
const guardOf = (...changes: Partial<RuleDefinition>[]) =>
  protectionOf(
    changes.map((change, index) => rule({ name: `r${index}`, ...change })),
    ref,
  )?.guard;

describe('The guard of a rule', () => {
  it.each([
    ['one that asks for it', [{ guard: true }], true],
    ['one that does not', [{}], false],
    ['any of those that add up', [{}, { guard: true }], true],
    ['one that is disabled', [{}, { guard: true, enabled: false }], false],
    ['one that only looks on', [{ guard: true, mode: 'audit' }], false],
    ['one that only looks on beside one that enforces', [{}, { guard: true, mode: 'audit' }], false],
  ] as const)('is given by %s', (_, rules, expected) => {
    expect(guardOf(...rules)).toBe(expected);
  });

  it('is part of the definition, there and back', () => {
    const { rule: compiled } = rule({ guard: true });
    expect(definitionOf(compiled)).toMatchObject({ guard: true });
    expect(ruleOf(definitionOf(compiled), compiled)).toEqual(compiled);
  });

  it('is a change of protection when it is asked for', () => {
    const at = '2026-08-20T10:00:00.000000Z' as never;
    const history = new RuleHistory([
      { effectiveFrom: null, rules: [rule({})] },
      { effectiveFrom: at, rules: [rule({ guard: true })] },
    ]);
    expect(history.coverageOf(ref).map(({ protection }) => protection?.guard)).toEqual([false, true]);
  });

  it('keeps a rule from being superfluous beside one without', () => {
    const others = [rule({ name: 'wide' }).rule];
    const narrow = { name: 'narrow', tags: { matching: ['v*'] } };
    expect(shadowWarningsOf(narrow, others)).toHaveLength(1);
    expect(shadowWarningsOf({ ...narrow, guard: true }, others)).toEqual([]);
    expect(shadowWarningsOf({ ...narrow, guard: true }, [rule({ name: 'wide', guard: true }).rule])).toHaveLength(1);
  });
});

describe('A spared repository', () => {
  const spared = spareRepository(rule({ repositories: { matching: ['**', 'keep/safe'] } }), (registry) =>
    registry === 'local' ? parseRepositoryName('keep/safe') : null,
  );

  it.each([
    ['local/keep/safe:v1', false],
    ['local/keep/safer:v1', true],
    ['local/team/app:v1', true],
    ['other/keep/safe:v1', true],
  ])('is covered by no rule, in its registry alone: %s', (name, expected) => {
    const other = refOf(name);
    expect(spared.covers(other)).toBe(expected);
    expect(spared.mayCoverRepository(other)).toBe(expected);
    expect(spared.judge(other).covered).toBe(expected);
  });
});
