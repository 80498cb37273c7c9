import { z } from 'zod';
import {
  type CompiledRule,
  compileRule,
  PROTECTIONS,
  RULE_MODES,
  type RuleDefinition,
  RuleMalformedError,
  type RuleProblem,
  type TagSelectorDefinition,
  warningsOf,
} from '#domain';
import { type KeyPath, parseKeyPath } from './key-path.js';
import type { Loading } from './loading.js';

const patterns = z.array(z.string()).optional();

/** The three ways to select tags at once; which one it is, `selectorOf` finds out, and says so better than a union. */
const TagsSchema = z.strictObject({
  matching: patterns,
  excluding: patterns,
  regex: patterns,
  excludingRegex: patterns,
  anchoring: z.enum(['search', 'full']).optional(),
  all: z.literal(true).optional(),
});

const RuleSchema = z.strictObject({
  name: z.string().min(1),
  registries: patterns,
  repositories: z.strictObject({ matching: patterns, excluding: patterns }).optional(),
  tags: TagsSchema,
  mode: z.enum(RULE_MODES).optional(),
  protect: z.array(z.enum(PROTECTIONS)).optional(),
  enabled: z.boolean().optional(),
});

export function loadRules(loading: Loading): readonly CompiledRule[] {
  const items = loading.items(['rules']);
  loading.refuseDuplicates(items);
  return items.flatMap((path) => loadRule(loading, path) ?? []);
}

function loadRule(loading: Loading, path: KeyPath): CompiledRule | null {
  const section = loading.check(RuleSchema, path);
  const tags = section && selectorOf(section.tags, (message) => loading.report([...path, 'tags'], message));
  if (!section || !tags) return null;
  const definition: RuleDefinition = { ...section, tags };
  try {
    const compiled = compileRule(definition);
    for (const warning of warningsOf(definition)) {
      loading.warn([...path, ...parseKeyPath(warning.path)], `${JSON.stringify(warning.pattern)}: ${warning.message}`);
    }
    return compiled;
  } catch (error) {
    if (!(error instanceof RuleMalformedError)) throw error;
    for (const problem of error.problems) loading.report([...path, ...parseKeyPath(problem.path)], sentence(problem));
    return null;
  }
}

const sentence = ({ pattern, position, message }: RuleProblem): string =>
  pattern === null ? message : `${JSON.stringify(pattern.slice(0, 200))}, position ${position}: ${message}`;

function selectorOf(
  tags: z.output<typeof TagsSchema>,
  report: (message: string) => void,
): TagSelectorDefinition | null {
  const { matching, excluding, regex, excludingRegex, anchoring, all } = tags;
  const ways = [matching, regex, all].filter((way) => way !== undefined).length;
  if (ways !== 1) report('It needs exactly one of matching: […], regex: […] and all: true.');
  else if (regex) {
    if (excluding) report('With regex, exclusions are regexes as well: write excludingRegex.');
    else if (anchoring) return { regex, excludingRegex, anchoring };
    else report('With regex it needs anchoring: search (found anywhere in the tag) or full (the whole tag).');
  } else if (excludingRegex || anchoring) {
    report('excludingRegex and anchoring belong to regex. Write excluding, or select by regex.');
  } else return matching ? { matching, excluding } : { all: true, excluding };
  return null;
}
