import { describe, expect, it } from '@jest/globals';
import { type CompiledRule, compileRule } from './compile-rule.js';
import { protectionOf } from './protection.js';
import { ref } from './ref.fixture.js';
import { RuleMalformedError } from './rule.errors.js';
import { definitionOf, fileRuleIdentity, type RuleDefinition, ruleOf } from './rule.js';

const RELEASES: RuleDefinition = {
  name: 'releases',
  repositories: { matching: ['acme/**'], excluding: ['acme/sandbox/**'] },
  tags: { matching: ['v*'], excluding: ['*-dev'] },
};
const SIGNATURE = `sha256-${'a'.repeat(64)}`;
const rule = (definition: Partial<RuleDefinition> = {}) => compileRule({ ...RELEASES, ...definition });

describe('rule', () => {
  it('has defaults: every registry and repository, enforce, both, enabled', () => {
    const { rule } = compileRule({ name: 'all', tags: { all: true } }, { id: 'r1', origin: 'api' });
    expect(rule).toEqual({
      id: 'r1',
      origin: 'api',
      name: 'all',
      enabled: true,
      registries: { matching: ['*'], excluding: [] },
      repositories: { matching: ['**'], excluding: [] },
      tags: { type: 'all', excluding: [] },
      mode: 'enforce',
      protect: ['overwrite', 'deletion'],
      guard: false,
    });
  });

  it.each([
    ['local', 'acme/app', true, true],
    ['local', 'acme/sandbox/app', true, false],
    ['local', 'other/app', true, false],
    ['mirror', 'acme/app', false, false],
  ])('may cover tags of %s/%s: %s, %s', (registry, repository, mayRegistry, mayRepository) => {
    const compiled = rule({ registries: ['loc*'] });
    const { registry: name, ...rest } = ref(`${registry}/${repository}:dev`);
    expect(compiled.mayCoverRegistry(name)).toBe(mayRegistry);
    expect(compiled.mayCoverRepository({ registry: name, ...rest })).toBe(mayRepository);
  });

  it('keeps its id in the file when its patterns change', () => {
    expect(rule().rule.id).toBe(rule({ tags: { all: true } }).rule.id);
    expect(rule().rule.id).not.toBe(rule({ name: 'other' }).rule.id);
  });

  it.each<RuleDefinition['tags']>([
    { all: true },
    { regex: ['^v'], anchoring: 'full' },
    { matching: ['v*'], excluding: ['x'] },
  ])('is the same after a round trip: %j', (tags) => {
    const once = ruleOf({ ...RELEASES, tags, protect: ['deletion'] }, fileRuleIdentity('releases'));
    expect(ruleOf(definitionOf(once), once)).toEqual(once);
  });

  it.each<[string, boolean]>([
    ['local/acme/app:v1', true],
    ['local/acme/app:v1-dev', false],
    ['local/acme/app:latest', false],
    ['local/acme/sandbox/app:v1', false],
    ['local/acme:v1', false],
    ['local/other/app:v1', false],
  ])('covers %s: %s', (text, expected) => {
    expect(rule().covers(ref(text))).toBe(expected);
    expect(rule().judge(ref(text)).covered).toBe(expected);
  });

  it('says by which patterns it covers a tag', () => {
    const repositories = { matching: ['x', 'acme/**', '**'] };
    expect(rule({ repositories, tags: { matching: ['a', 'v1', 'v*'] } }).judge(ref('local/acme/app:v1'))).toEqual({
      covered: true,
      patterns: { registries: '*', repositories: 'acme/**', tags: 'v1' },
    });
  });

  it('covers the named registries only', () => {
    const compiled = rule({ registries: ['prod-*'] });
    expect(compiled.covers(ref('prod-eu/acme/app:v1'))).toBe(true);
    expect(compiled.covers(ref('local/acme/app:v1'))).toBe(false);
  });

  it.each<[RuleDefinition['tags'], string, boolean]>([
    [{ all: true }, SIGNATURE, false],
    [{ all: true }, 'latest', true],
    [{ all: true }, 'sha256-abc', true],
    [{ all: true, excluding: ['latest'] }, 'latest', false],
    [{ matching: ['**'] }, `${SIGNATURE}.sig`, false],
    [{ matching: ['**', 'sha256-*.att'] }, `${SIGNATURE}.sig`, false],
    [{ matching: ['sha256-*'] }, `${SIGNATURE}.sig`, true],
    [{ matching: ['{v*,sha256-*}'] }, SIGNATURE, true],
    [{ regex: ['.*'], anchoring: 'search' }, `${SIGNATURE}.att`, false],
    [{ regex: ['^sha256-'], anchoring: 'search' }, `${SIGNATURE}.att`, true],
    [{ regex: ['v\\d'], excludingRegex: ['rc'], anchoring: 'search' }, 'dev1', true],
    [{ regex: ['v\\d'], excludingRegex: ['rc'], anchoring: 'search' }, 'v1-rc', false],
    [{ regex: ['v\\d'], anchoring: 'full' }, 'dev1', false],
  ])('tags %j cover %s: %s', (tags, tag, expected) => {
    expect(rule({ tags }).covers(ref(`local/acme/app:${tag}`))).toBe(expected);
  });

  it('is refused with every problem, its path and position', () => {
    const define = () =>
      compileRule({
        name: ' ',
        registries: [],
        repositories: { matching: ['acme/**'], excluding: ['a', 'b['] },
        tags: { matching: ['v*', '{a'], excluding: [''] },
        protect: [],
      });
    expect(define).toThrow(RuleMalformedError);
    try {
      define();
    } catch (error) {
      const { problems, message } = error as RuleMalformedError;
      expect(problems.map(({ path, pattern, position }) => [path, pattern, position])).toEqual([
        ['name', null, null],
        ['protect', null, null],
        ['registries', null, null],
        ['repositories.excluding[1]', 'b[', 1],
        ['tags.matching[1]', '{a', 0],
        ['tags.excluding[0]', '', 0],
      ]);
      expect(message).toContain('tags.matching[1], pattern "{a", position 0: This "{" is never closed.');
    }
  });
});

describe('protection', () => {
  const at = ref('local/acme/app:v1');
  const named = (name: string, definition: Partial<RuleDefinition> = {}): CompiledRule => rule({ name, ...definition });
  it.each<[string, CompiledRule[], unknown]>([
    ['no rule', [], null],
    ['no match', [named('a', { tags: { matching: ['x'] } })], null],
    ['disabled', [named('a', { enabled: false })], null],
    ['audit', [named('a', { mode: 'audit', protect: ['deletion'] })], ['a', 'audit', ['deletion']]],
    [
      'enforce before audit',
      [named('a', { mode: 'audit' }), named('b', { protect: ['overwrite'] })],
      ['b', 'enforce', ['overwrite']],
    ],
    [
      'union of one mode, first named',
      [named('a', { mode: 'audit' }), named('b', { protect: ['deletion'] }), named('c', { protect: ['overwrite'] })],
      ['b', 'enforce', ['overwrite', 'deletion']],
    ],
  ])('%s', (_, rules, expected) => {
    const protection = protectionOf(rules, at);
    expect(protection && [protection.rule.name, protection.mode, protection.protect]).toEqual(expected);
  });
});
