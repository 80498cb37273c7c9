import { describe, expect, it } from '@jest/globals';
import { parseRegistryName, parseRepositoryName, parseTagName } from '../names.js';
import { canaryRule, canaryTag, isOfCanary } from './canary-rule.js';
import { compileRule } from './compile-rule.js';
import { protectionOf } from './protection.js';

const local = parseRegistryName('local');
const repository = parseRepositoryName('tagwarden/canary');
const rule = canaryRule(local, repository);

describe('The rule of a canary', () => {
  it.each([
    ['local', 'tagwarden/canary', 'canary', true],
    ['local', 'tagwarden/canary', 'canary2', false],
    ['local', 'tagwarden/canary/deeper', 'canary', false],
    ['local', 'tagwarden/other', 'canary', false],
    ['local2', 'tagwarden/canary', 'canary', false],
  ])('covers exactly its tag: %s/%s:%s %s', (registry, name, tag, expected) => {
    const ref = {
      registry: parseRegistryName(registry),
      repository: parseRepositoryName(name),
      tag: parseTagName(tag),
    };
    expect(rule.covers(ref)).toBe(expected);
  });

  it('is named for its tag, where it stands first, also beside a rule that covers everything', () => {
    const everything = compileRule({ name: 'everything', tags: { all: true }, protect: ['overwrite'] });
    const protection = protectionOf([rule, everything], canaryTag(local, repository));
    expect(protection).toMatchObject({ mode: 'enforce', protect: ['overwrite', 'deletion'] });
    expect(isOfCanary({ registry: local, rule: protection?.rule ?? { id: '' } })).toBe(true);
  });

  it('marks what it finds by its id: neither a name nor the canary of another registry is enough', () => {
    const sameName = compileRule({ name: 'canary of local', tags: { all: true } });
    expect(isOfCanary({ registry: local, rule: rule.rule })).toBe(true);
    expect(isOfCanary({ registry: local, rule: sameName.rule })).toBe(false);
    expect(isOfCanary({ registry: parseRegistryName('other'), rule: rule.rule })).toBe(false);
  });
});
