import { describe, expect, it } from '@jest/globals';
import { instantOf } from '../instant.js';
import { parseRegistryName, parseRepositoryName, parseTagName, type TagRef } from '../names.js';
import { compileRule } from './compile-rule.js';
import { RuleHistory } from './coverage.js';
import type { RuleDefinition } from './rule.js';

const tag = (name: string): TagRef => ({
  registry: parseRegistryName('local'),
  repository: parseRepositoryName('acme/app'),
  tag: parseTagName(name),
});
const rule = (definition: Partial<RuleDefinition> = {}) =>
  compileRule({ name: 'releases', tags: { matching: ['v*'] }, ...definition });
const [t1, t2, t3] = [instantOf(1_000), instantOf(2_000), instantOf(3_000)];
const shape = (history: RuleHistory, name: string) =>
  history.coverageOf(tag(name)).map(({ from, protection }) => [from, protection?.mode ?? null]);

describe('rule history', () => {
  it('covers nothing before there were rules', () => {
    expect(shape(new RuleHistory([]), 'v1')).toEqual([[null, null]]);
  });

  it('tells when protection began, changed and ended', () => {
    const history = new RuleHistory([
      { effectiveFrom: t3, rules: [] },
      { effectiveFrom: t1, rules: [rule()] },
      { effectiveFrom: t2, rules: [rule({ mode: 'audit' })] },
    ]);
    expect(shape(history, 'v1')).toEqual([
      [null, null],
      [t1, 'enforce'],
      [t2, 'audit'],
      [t3, null],
    ]);
    expect(shape(history, 'latest')).toEqual([[null, null]]);
  });

  it('merges revisions that changed nothing for the tag', () => {
    const history = new RuleHistory([
      { effectiveFrom: null, rules: [rule()] },
      { effectiveFrom: t1, rules: [rule(), rule({ name: 'other', tags: { matching: ['x'] } })] },
      { effectiveFrom: t2, rules: [rule({ tags: { all: true } })] },
    ]);
    expect(shape(history, 'v1')).toEqual([[null, 'enforce']]);
    expect(shape(history, 'latest')).toEqual([
      [null, null],
      [t2, 'enforce'],
    ]);
  });

  it('lets the last of several revisions of one time count', () => {
    const history = new RuleHistory([
      { effectiveFrom: t1, rules: [rule()] },
      { effectiveFrom: t1, rules: [] },
    ]);
    expect(shape(history, 'v1')).toEqual([[null, null]]);
  });

  it('knows the rules of a time', () => {
    const rules = [rule()];
    const history = new RuleHistory([{ effectiveFrom: t2, rules }]);
    expect(history.rulesAt(t1)).toEqual([]);
    expect(history.rulesAt(t2)).toBe(rules);
  });

  it('remembers what is asked for often, and forgets the rest', () => {
    const history = new RuleHistory([{ effectiveFrom: null, rules: [rule()] }], { capacity: 4 });
    const often = history.coverageOf(tag('v1'));
    const once = history.coverageOf(tag('v2'));
    for (let index = 3; index < 20; index += 1) {
      history.coverageOf(tag(`v${index}`));
      expect(history.coverageOf(tag('v1'))).toBe(often);
    }
    expect(history.coverageOf(tag('v2'))).not.toBe(once);
    expect(history.coverageOf(tag('v2'))).toEqual(once);
  });
});
