import {
  compileDoublestar,
  compileRegex,
  compileRule,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  type RuleDefinition,
  type TagSelectorDefinition,
} from '#domain';
import type { ImportRemark } from './import-rules-types.js';

const SIGNATURE = parseTagName(`sha256-${'0'.repeat(64)}.sig`);

/** What rules do not take over by themselves: elsewhere signatures become immutable with the rest, and signing again fails. */
export function signatureNotes(rules: readonly RuleDefinition[]): ImportRemark[] {
  const count = rules.filter(({ tags }) => matchesSignatures(tags) && !coversSignatures(tags)).length;
  if (count === 0) return [];
  const which = count === rules.length ? 'The rules spare' : `${count} of the ${rules.length} rules spare`;
  const message =
    `${which} tags named after a digest (sha256-…: signatures, attestations, SBOMs), which the imported settings cover. ` +
    'To cover them here, too, add a rule with a pattern that names them, such as "sha256-*".';
  return [{ path: 'rules', message }];
}

function coversSignatures(tags: TagSelectorDefinition): boolean {
  const ref = { registry: parseRegistryName('any'), repository: parseRepositoryName('any'), tag: SIGNATURE };
  return compileRule({ name: 'any', tags }).covers(ref);
}

/** By its patterns alone, as the vendor reads them. */
function matchesSignatures(tags: TagSelectorDefinition): boolean {
  const { matching, excluding } = patternsOf(tags);
  return (
    matching.some((pattern) => pattern.matches(SIGNATURE)) && !excluding.some((pattern) => pattern.matches(SIGNATURE))
  );
}

function patternsOf(tags: TagSelectorDefinition) {
  if ('regex' in tags) {
    const compile = (pattern: string) => compileRegex(pattern, tags.anchoring);
    return { matching: tags.regex.map(compile), excluding: (tags.excludingRegex ?? []).map(compile) };
  }
  const matching = 'all' in tags ? ['**'] : tags.matching;
  return { matching: matching.map(compileDoublestar), excluding: (tags.excluding ?? []).map(compileDoublestar) };
}
