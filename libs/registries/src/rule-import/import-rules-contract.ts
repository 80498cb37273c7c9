import fc from 'fast-check';
import { compileRule, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import type { RuleImport } from './import-rules-types.js';

/** Whether one of the rules covers the tag at the registry `prod`; all of them must compile. */
export function isCovered({ rules }: RuleImport, repository: string, tag: string): boolean {
  const ref = {
    registry: parseRegistryName('prod'),
    repository: parseRepositoryName(repository),
    tag: parseTagName(tag),
  };
  return rules.map((rule) => compileRule(rule)).some(({ rule, covers }) => rule.enabled && covers(ref));
}

/** Few characters, so that random patterns meet names that they match. */
export const someTag = fc.stringMatching(/^[abv1][abv1.-]{0,4}$/);
export const someRepository = fc
  .array(fc.stringMatching(/^[abv1]{1,3}$/), { minLength: 1, maxLength: 3 })
  .map((components) => components.join('/'));

/** A pattern put together from pieces of its language. */
export const patternOf = (pieces: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 }).map((chosen) => chosen.join(''));
