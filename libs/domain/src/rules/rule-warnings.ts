import { containsPattern } from './doublestar-containment.js';
import { inertPattern } from './inert-pattern.js';
import { REGISTRY_GRAMMAR, TAG_GRAMMAR } from './name-grammar.js';
import { type RuleDefinition, ruleOf, type Selector, type TagSelector } from './rule.js';
import { type RuleWarning, type RuleWarningFinding, warningsAbout } from './rule-warning.js';
import { containsTagPattern, tagPatternsOf } from './selector-containment.js';
import { suspectRegex } from './suspect-regex.js';
import { suspectRepository } from './suspect-repository.js';

/**
 * Warns of patterns that are sound and yet hardly do what they were written for. Malformed ones are left to `compileRule`, and how
 * the rule stands beside others to `shadowWarningsOf`.
 */
export function warningsOf(definition: RuleDefinition): RuleWarning[] {
  const { registries, repositories, tags } = ruleOf(definition, { id: '', origin: 'api' });
  return [
    ...warningsAbout(registries.matching, 'registries', (pattern) => inertPattern(pattern, REGISTRY_GRAMMAR)),
    ...repositoryWarnings(repositories),
    ...tagWarnings(tags),
  ];
}

function repositoryWarnings({ matching, excluding }: Selector): RuleWarning[] {
  return [
    ...warningsAbout(matching, 'repositories.matching', suspectRepository),
    ...warningsAbout(excluding, 'repositories.excluding', suspectRepository),
    ...warningsAbout(excluding, 'repositories.excluding', excludesEverything(['**'])),
    ...warningsAbout(matching, 'repositories.matching', (pattern) => {
      const by = excluding.find((exclusion) => containsPattern(exclusion, pattern, 'path'));
      return by === undefined || by === '**' ? null : excludedEntirely(by);
    }),
  ];
}

function tagWarnings(tags: TagSelector): RuleWarning[] {
  if (tags.type === 'regex') {
    const suspect = (regex: string) => suspectRegex(regex, tags.anchoring);
    return [
      ...warningsAbout(tags.regex, 'tags.regex', suspect),
      ...warningsAbout(tags.excludingRegex, 'tags.excludingRegex', suspect),
      ...excludedTagPatterns(tags, tags.regex, 'tags.regex'),
    ];
  }
  const matching = tags.type === 'all' ? [] : tags.matching;
  const inert = (pattern: string) => inertPattern(pattern, TAG_GRAMMAR);
  return [
    ...warningsAbout(matching, 'tags.matching', inert),
    ...warningsAbout(tags.excluding, 'tags.excluding', inert),
    ...warningsAbout(tags.excluding, 'tags.excluding', excludesEverything(['*', '**'])),
    ...excludedTagPatterns(tags, matching, 'tags.matching'),
  ];
}

function excludedTagPatterns(tags: TagSelector, sources: readonly string[], path: string): RuleWarning[] {
  const { matching, excluding } = tagPatternsOf(tags);
  return warningsAbout(sources, path, (source) => {
    const pattern = matching.find((one) => one.source === source);
    const by = excluding.find((exclusion) => pattern && containsTagPattern(exclusion, pattern));
    return by === undefined || by.source === '*' || by.source === '**' ? null : excludedEntirely(by.source);
  });
}

const excludesEverything =
  (everything: readonly string[]) =>
  (pattern: string): RuleWarningFinding | null =>
    everything.includes(pattern)
      ? { code: 'excludesEverything', message: 'This excludes everything, so the rule covers nothing.' }
      : null;

const excludedEntirely = (by: string): RuleWarningFinding => ({
  code: 'excludedEntirely',
  message: `Everything that this matches is excluded by ${JSON.stringify(by)}, so it covers nothing. Remove one of the two.`,
});
