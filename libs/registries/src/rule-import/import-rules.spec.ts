import { describe, expect, it } from '@jest/globals';
import { RuleBody } from '#contracts';
import { importRules, RULE_IMPORT_FORMATS } from './import-rules.js';

const policy = (tagPattern: string) => ({ tagPattern });
const imported = (registry: string | null, ...patterns: readonly string[]) =>
  importRules({ format: 'quay', registry, scope: { organisation: 'acme' }, settings: patterns.map(policy) });

describe('import of rules', () => {
  it('names the known formats when asked for another', () => {
    const request = { format: 'harbour', registry: null, settings: [] };
    expect(() => importRules(request)).toThrow(expect.objectContaining({ code: 'RULE_IMPORT_FORMAT_UNKNOWN' }));
    expect(() => importRules(request)).toThrow(
      `"harbour" cannot be imported; use one of: ${RULE_IMPORT_FORMATS.join(', ')}.`,
    );
  });

  it('is for one registry, or for every one', () => {
    expect(imported('prod', 'v.*').rules[0]).toHaveProperty('registries', ['prod']);
    expect(imported(null, 'v.*').rules[0]).not.toHaveProperty('registries');
  });

  it('gives rules names that can be saved', () => {
    const settings = Array.from({ length: 3 }, () => ({ enabled: true, rules: ['^v'] }));
    const scope = { repository: `acme/${'a'.repeat(240)}` };
    const { rules } = importRules({ format: 'dockerhub', registry: 'hub', scope, settings });
    expect(new Set(rules.map(({ name }) => name)).size).toBe(3);
    for (const rule of rules) expect(RuleBody.parse(rule)).toEqual(rule);
  });

  it('refuses a registry that can have no such name', () => {
    expect(() => imported('Prod*', 'v.*')).toThrow(expect.objectContaining({ code: 'MALFORMED_NAME' }));
  });

  it.each<[readonly string[], string | null]>([
    [['v.*'], null],
    [['.*'], 'The rules spare tags'],
    [['v.*', '.*'], '1 of the 2 rules spare tags'],
    [['sha256-.*'], null],
  ])('of %j says of signatures: %s', (patterns, message) => {
    const notes = imported('prod', ...patterns).notes.filter(({ path }) => path === 'rules');
    expect(notes).toEqual(message === null ? [] : [{ path: 'rules', message: expect.stringContaining(message) }]);
  });
});
