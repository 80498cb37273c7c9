import { describe, expect, it } from '@jest/globals';
import { parseRegistryName, parseRepositoryName, parseTagName, type TagRef } from '../names.js';
import { type CompiledRule, compileRule } from './compile-rule.js';
import { explainProtection } from './explain-protection.js';
import { protectionOf } from './protection.js';
import { RuleMalformedError } from './rule.errors.js';
import { definitionOf, fileRuleIdentity, type RuleDefinition, ruleOf } from './rule.js';
import { warningsOf } from './rule-warnings.js';

const ref = (text: string): TagRef => {
  const [, registry = '', repository = '', tag = ''] = /^([^/]+)\/(.+):(.+)$/.exec(text) ?? [];
  return {
    registry: parseRegistryName(registry),
    repository: parseRepositoryName(repository),
    tag: parseTagName(tag),
  };
};
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
    });
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

  it.each<[string, Partial<RuleDefinition>[], string]>([
    ['local/acme/app:v1', [], 'No rule exists, so every tag can be changed.'],
    [
      'local/acme/app:v1',
      [{}],
      'Rule "releases" makes local/acme/app:v1 immutable: its tag pattern "v*" matches. Any overwrite or deletion is put right.',
    ],
    [
      'local/acme/app:v1',
      [{ tags: { all: true }, mode: 'audit', protect: ['deletion'] }],
      'Rule "releases" makes local/acme/app:v1 immutable: it covers every tag of the repository. Any deletion is reported, and left as it is (audit).',
    ],
    [
      'local/acme/app:latest',
      [{ name: 'far', registries: ['prod'] }, {}],
      'No rule covers it. The closest, "releases", has no pattern that matches the tag "latest".',
    ],
    ['local/acme/app:v1-dev', [{}], 'The only rule, "releases", excludes the tag "v1-dev" by "*-dev".'],
    [
      'local/acme/sandbox/x:v1',
      [{}],
      'The only rule, "releases", excludes the repository "acme/sandbox/x" by "acme/sandbox/**".',
    ],
    ['local/acme/app:v1', [{ enabled: false }], 'The only rule, "releases", would cover it, but is disabled.'],
    [
      `local/acme/app:${SIGNATURE}`,
      [{ tags: { all: true } }],
      'The only rule, "releases", spares sha256-… tags (signatures, attestations, SBOMs), which a rule covers only by a pattern with sha256- in it.',
    ],
  ])('explains %s', (text, definitions, reason) => {
    const explanation = explainProtection(definitions.map(rule), ref(text));
    expect(explanation.reason).toBe(reason);
    expect(explanation.immutable).toBe(explanation.rule !== null);
  });
});

describe('warnings', () => {
  it.each<[Partial<RuleDefinition>, string, string]>([
    [{ tags: { matching: ['rc,test'] } }, 'tags.matching[0]', '"{rc,test}"'],
    [{ tags: { matching: ['{rc, test}'] } }, 'tags.matching[0]', 'Remove the space'],
    [{ tags: { matching: ['v*', ' v*'] } }, 'tags.matching[1]', 'Remove the space'],
    [{ tags: { matching: ['[!v]*', '!v'] } }, 'tags.matching[1]', '[^v]'],
    [{ tags: { matching: ['acme/v*'] } }, 'tags.matching[0]', 'chosen under repositories'],
    [{ tags: { all: true, excluding: ['**'] } }, 'tags.excluding[0]', 'covers nothing'],
    [{ tags: { regex: ['^v '], anchoring: 'search' } }, 'tags.regex[0]', 'No tag has a space'],
    [{ registries: ['Prod'] }, 'registries[0]', '"P"'],
    [{ repositories: { matching: ['host:5000/acme/**'] } }, 'repositories.matching[0]', '":"'],
  ])('warns of %j', (definition, path, message) => {
    const warnings = warningsOf({ ...RELEASES, ...definition });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ path, message: expect.stringContaining(message) });
  });

  it.each<Partial<RuleDefinition>>([
    {},
    { tags: { regex: ['v'], anchoring: 'search' } },
    { tags: { matching: ['{rc,test}', 'v[^a]?'] } },
    { tags: { matching: ['{malformed'] } },
  ])('is silent about %j', (definition) => {
    expect(warningsOf({ ...RELEASES, ...definition })).toEqual([]);
  });
});
