import { describe, expect, it } from '@jest/globals';
import { compileRule } from './compile-rule.js';
import { explainProtection } from './explain-protection.js';
import { ref } from './ref.fixture.js';
import type { RuleDefinition } from './rule.js';

const RELEASES: RuleDefinition = {
  name: 'releases',
  repositories: { matching: ['acme/**'], excluding: ['acme/sandbox/**'] },
  tags: { matching: ['v*'], excluding: ['*-dev'] },
};
const ANYWHERE = { repositories: { matching: ['**'] } };
const SIGNATURE = `sha256-${'a'.repeat(64)}`;

const explain = (text: string, ...definitions: Partial<RuleDefinition>[]) => {
  const rules = definitions.map((definition) => {
    const whole = { ...RELEASES, ...definition };
    return compileRule(whole, { id: `id of ${whole.name}`, origin: 'api' });
  });
  return explainProtection(rules, ref(text));
};
const named = (name: string) => ({ id: `id of ${name}`, name });

describe('the reason', () => {
  it.each<[string, Partial<RuleDefinition>[], string]>([
    ['local/acme/app:v1', [], 'No rule exists, so every tag can be changed.'],
    [
      'local/acme/app:v1',
      [ANYWHERE],
      'Rule "releases" makes local/acme/app:v1 immutable: its tag pattern "v*" matches. Any overwrite or deletion is put right.',
    ],
    [
      'local/acme/app:v1',
      [{}],
      'Rule "releases" makes local/acme/app:v1 immutable: its repository pattern "acme/**" and its tag pattern "v*" match. ' +
        'Any overwrite or deletion is put right.',
    ],
    [
      'local/acme/app:v1',
      [{ ...ANYWHERE, tags: { all: true }, mode: 'audit', protect: ['deletion'] }],
      'Rule "releases" makes local/acme/app:v1 immutable: it covers every tag of the repository. Any deletion is reported, and left as it is (audit).',
    ],
    [
      'local/acme/app:v1',
      [{ tags: { all: true }, protect: ['overwrite'] }],
      'Rule "releases" makes local/acme/app:v1 immutable: its repository pattern "acme/**" matches, and it covers every tag. ' +
        'Any overwrite is put right.',
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
  ])('for %s, given %j', (text, definitions, reason) => {
    const explanation = explain(text, ...definitions);
    expect(explanation.reason).toBe(reason);
    expect(explanation.immutable).toBe(explanation.rule !== null);
  });
});

describe('an immutable tag', () => {
  it('is explained by the patterns that matched, as written', () => {
    const explanation = explain('local/acme/app:v1', {
      registries: ['prod', 'l*'],
      repositories: { matching: ['x', 'acme/{app,web}', '**'] },
      tags: { regex: ['^x', '^v\\d', 'v'], anchoring: 'search' },
    });
    expect(explanation.selector).toEqual({ registries: 'l*', repositories: 'acme/{app,web}', tags: '^v\\d' });
    expect(explanation.closest).toBeNull();
  });

  it('has ** for every tag', () => {
    const { selector } = explain('local/acme/app:v1', { tags: { all: true } });
    expect(selector).toEqual({ registries: '*', repositories: 'acme/**', tags: '**' });
  });

  it('names every rule that adds up, and none that is not heard', () => {
    const explanation = explain(
      'local/acme/app:v1',
      { name: 'audit', mode: 'audit' },
      { name: 'first', protect: ['deletion'] },
      { name: 'elsewhere', registries: ['prod'] },
      { name: 'off', enabled: false },
      { name: 'second', protect: ['overwrite'] },
      { name: 'third' },
    );
    expect(explanation).toMatchObject({
      rule: named('first'),
      alsoBy: [named('second'), named('third')],
      mode: 'enforce',
      protect: ['overwrite', 'deletion'],
    });
  });
});

describe('a tag that can be changed', () => {
  it.each<[string, string, Partial<RuleDefinition>, object]>([
    ['another registry', 'local/acme/app:v1', { registries: ['prod'] }, ['registries', 'unmatched', null]],
    ['another repository', 'local/acme:v1', {}, ['repositories', 'unmatched', null]],
    ['an excluded repository', 'local/acme/sandbox/a:v1', {}, ['repositories', 'excluded', 'acme/sandbox/**']],
    ['another tag', 'local/acme/app:x', {}, ['tags', 'unmatched', null]],
    ['an excluded tag', 'local/acme/app:v1-dev', {}, ['tags', 'excluded', '*-dev']],
    ['a signature', `local/acme/app:${SIGNATURE}`, { tags: { all: true } }, ['tags', 'spared', null]],
    ['a disabled rule', 'local/acme/app:v1', { enabled: false }, [null, 'disabled', null]],
  ])('has a closest rule: %s', (_, text, definition, expected) => {
    const { immutable, selector, alsoBy, closest } = explain(text, { name: 'far', registries: ['far'] }, definition);
    expect([immutable, selector, alsoBy]).toEqual([false, null, []]);
    const rule = definition.registries ? named('far') : named('releases');
    expect(closest?.rule).toEqual(rule);
    expect([closest?.selector, closest?.because, closest?.pattern]).toEqual(expected);
  });

  it('has none without rules', () => {
    expect(explain('local/acme/app:v1')).toMatchObject({ immutable: false, closest: null, selector: null });
  });
});
