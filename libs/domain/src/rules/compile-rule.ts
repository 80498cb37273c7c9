import type { RegistryName, RepositoryRef, TagRef } from '../names.js';
import { compileDoublestar } from './doublestar.js';
import { type Pattern, PatternMalformedError } from './pattern.js';
import { RuleMalformedError, type RuleProblem } from './rule.errors.js';
import {
  fileRuleIdentity,
  type Rule,
  type RuleDefinition,
  type RuleIdentity,
  ruleOf,
  type TagSelector,
} from './rule.js';
import { isSignatureTag, namesSignatureTags } from './signature-tags.js';
import { compileRegex } from './tag-regex.js';

/** The pattern of each selector by which a rule covers a tag, as it was written; `**` for the tags of `all: true`. */
export type MatchedPatterns = { readonly registries: string; readonly repositories: string; readonly tags: string };

/** Why a rule covers a tag, or does not: the patterns that matched, or the selector that decided. */
export type Verdict =
  | { readonly covered: true; readonly patterns: MatchedPatterns }
  | {
      readonly covered: false;
      readonly selector: 'registries' | 'repositories' | 'tags';
      readonly because: 'unmatched' | 'excluded' | 'spared';
      /** The pattern that excluded it. */
      readonly pattern: string | null;
    };

/** A rule that is ready to be asked. Whether it is enabled is not looked at here. */
export type CompiledRule = {
  readonly rule: Rule;
  covers(ref: TagRef): boolean;
  /** Whether it can cover a tag of that registry. */
  mayCoverRegistry(registry: RegistryName): boolean;
  /** Whether it can cover a tag of that repository. */
  mayCoverRepository(ref: RepositoryRef): boolean;
  judge(ref: TagRef): Verdict;
};

/** Throws `RuleMalformedError` with every problem of the definition. Without an identity it is a rule of the file. */
export function compileRule(
  definition: RuleDefinition,
  identity: RuleIdentity = fileRuleIdentity(definition.name),
): CompiledRule {
  const rule = ruleOf(definition, identity);
  const problems = problemsOutsidePatterns(rule);
  const registries = compileSelector(rule.registries.matching, [], 'registries', 'registries', problems);
  const { matching, excluding } = rule.repositories;
  const repositories = compileSelector(
    matching,
    excluding,
    'repositories.matching',
    'repositories.excluding',
    problems,
  );
  const tags = compileTags(rule.tags, problems);
  if (problems.length > 0) throw new RuleMalformedError(definition.name, problems);
  return {
    rule,
    covers: (ref) => registries.selects(ref.registry) && repositories.selects(ref.repository) && tags.selects(ref.tag),
    mayCoverRegistry: (registry) => registries.selects(registry),
    mayCoverRepository: (ref) => registries.selects(ref.registry) && repositories.selects(ref.repository),
    judge: (ref) => judge(ref, registries, repositories, tags),
  };
}

type CompiledSelector = {
  selects(text: string): boolean;
  readonly matching: readonly Pattern[];
  readonly excluding: readonly Pattern[];
};

function problemsOutsidePatterns(rule: Rule): RuleProblem[] {
  const problems: RuleProblem[] = [];
  const add = (path: string, message: string) => problems.push({ path, pattern: null, position: null, message });
  if (rule.name.trim() === '') add('name', 'The rule needs a name.');
  if (rule.protect.length === 0) {
    add(
      'protect',
      'The rule protects against nothing. Name overwrite, deletion or both; enabled: false switches it off.',
    );
  }
  return problems;
}

function compileTags(tags: TagSelector, problems: RuleProblem[]): CompiledSelector {
  switch (tags.type) {
    case 'all': {
      const everything: Pattern = { source: '**', matches: (tag) => !isSignatureTag(tag) };
      return selectorOf([everything], compileAll(tags.excluding, 'tags.excluding', compileDoublestar, problems));
    }
    case 'doublestar': {
      const selector = compileSelector(tags.matching, tags.excluding, 'tags.matching', 'tags.excluding', problems);
      return selectorOf(sparing(selector.matching, 'doublestar'), selector.excluding);
    }
    case 'regex': {
      const compile = (pattern: string) => compileRegex(pattern, tags.anchoring);
      refuseEmpty(tags.regex, 'tags.regex', problems);
      const matching = compileAll(tags.regex, 'tags.regex', compile, problems);
      const excluding = compileAll(tags.excludingRegex, 'tags.excludingRegex', compile, problems);
      return selectorOf(sparing(matching, 'regex'), excluding);
    }
  }
}

/** A signature is pushed anew whenever somebody signs again: patterns that do not name such tags leave them alone. */
function sparing(patterns: readonly Pattern[], language: 'doublestar' | 'regex'): readonly Pattern[] {
  return patterns.map((pattern) =>
    namesSignatureTags(pattern.source, language)
      ? pattern
      : { source: pattern.source, matches: (tag) => !isSignatureTag(tag) && pattern.matches(tag) },
  );
}

function compileSelector(
  matching: readonly string[],
  excluding: readonly string[],
  matchingPath: string,
  excludingPath: string,
  problems: RuleProblem[],
): CompiledSelector {
  refuseEmpty(matching, matchingPath, problems);
  const compiled = compileAll(matching, matchingPath, compileDoublestar, problems);
  return selectorOf(compiled, compileAll(excluding, excludingPath, compileDoublestar, problems));
}

function selectorOf(matching: readonly Pattern[], excluding: readonly Pattern[]): CompiledSelector {
  return { selects: (text) => anyMatches(matching, text) && !anyMatches(excluding, text), matching, excluding };
}

function anyMatches(patterns: readonly Pattern[], text: string): boolean {
  for (const pattern of patterns) if (pattern.matches(text)) return true;
  return false;
}

function refuseEmpty(patterns: readonly string[], path: string, problems: RuleProblem[]): void {
  if (patterns.length > 0) return;
  const message = 'An empty list matches nothing. Give at least one pattern; enabled: false switches the rule off.';
  problems.push({ path, pattern: null, position: null, message });
}

function compileAll(
  patterns: readonly string[],
  path: string,
  compile: (pattern: string) => Pattern,
  problems: RuleProblem[],
): Pattern[] {
  return patterns.flatMap((pattern, index) => {
    try {
      if (pattern === '') throw new PatternMalformedError(pattern, 0, 'An empty pattern matches no name.');
      return [compile(pattern)];
    } catch (error) {
      if (!(error instanceof PatternMalformedError)) throw error;
      problems.push({ path: `${path}[${index}]`, ...error.problem });
      return [];
    }
  });
}

function judge(
  ref: TagRef,
  registries: CompiledSelector,
  repositories: CompiledSelector,
  tags: CompiledSelector,
): Verdict {
  const parts = [
    ['registries', registries, ref.registry],
    ['repositories', repositories, ref.repository],
    ['tags', tags, ref.tag],
  ] as const;
  const patterns = { registries: '', repositories: '', tags: '' };
  for (const [selector, { matching, excluding }, text] of parts) {
    const matched = matching.find((pattern) => pattern.matches(text));
    if (!matched) {
      const spared = selector === 'tags' && isSignatureTag(text);
      return { covered: false, selector, because: spared ? 'spared' : 'unmatched', pattern: null };
    }
    const excluded = excluding.find((pattern) => pattern.matches(text));
    if (excluded) return { covered: false, selector, because: 'excluded', pattern: excluded.source };
    patterns[selector] = matched.source;
  }
  return { covered: true, patterns };
}
