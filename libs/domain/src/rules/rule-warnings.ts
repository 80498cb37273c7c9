import { type GlobNode, parseDoublestar } from './doublestar-syntax.js';
import { PatternMalformedError } from './pattern.js';
import { type RuleDefinition, ruleOf, type TagSelector } from './rule.js';

/** A pattern that is sound and yet can't do what it was written for. `path` is the place in the definition. */
export type RuleWarning = { readonly path: string; readonly pattern: string; readonly message: string };

/** Warns of patterns that can never match a name, or exclude every one. Malformed ones are left to `compileRule`. */
export function warningsOf(definition: RuleDefinition): RuleWarning[] {
  const { registries, repositories, tags } = ruleOf(definition, { id: '', origin: 'api' });
  return [
    ...inert(registries.matching, 'registries', REGISTRY),
    ...inert(repositories.matching, 'repositories.matching', REPOSITORY),
    ...inert(repositories.excluding, 'repositories.excluding', REPOSITORY),
    ...exhaustive(repositories.excluding, 'repositories.excluding', ['**']),
    ...tagWarnings(tags),
  ];
}

function tagWarnings(tags: TagSelector): RuleWarning[] {
  if (tags.type === 'regex') {
    return [...spaced(tags.regex, 'tags.regex'), ...spaced(tags.excludingRegex, 'tags.excludingRegex')];
  }
  return [
    ...(tags.type === 'doublestar' ? inert(tags.matching, 'tags.matching', TAG) : []),
    ...inert(tags.excluding, 'tags.excluding', TAG),
    ...exhaustive(tags.excluding, 'tags.excluding', ['*', '**']),
  ];
}

/** The characters that such a name can have. */
type NameKind = { readonly noun: string; readonly allowed: RegExp };
const REGISTRY: NameKind = { noun: 'registry name', allowed: /[a-z0-9._-]/ };
const REPOSITORY: NameKind = { noun: 'repository', allowed: /[A-Za-z0-9._/-]/ };
const TAG: NameKind = { noun: 'tag', allowed: /[A-Za-z0-9._-]/ };

function inert(patterns: readonly string[], path: string, kind: NameKind): RuleWarning[] {
  return patterns.flatMap((pattern, index) => {
    const char = impossibleCharacter(pattern, kind.allowed);
    if (char === undefined) return [];
    return [{ path: `${path}[${index}]`, pattern, message: inertMessage(char, pattern, kind.noun) }];
  });
}

function impossibleCharacter(pattern: string, allowed: RegExp): string | undefined {
  try {
    return literalsOf(parseDoublestar(pattern)).find((char) => !allowed.test(char));
  } catch (error) {
    if (error instanceof PatternMalformedError) return undefined;
    throw error;
  }
}

function literalsOf(nodes: readonly GlobNode[]): string[] {
  return nodes.flatMap((node) => {
    if (node.type === 'literal') return [node.char];
    return node.type === 'group' ? node.alternatives.flatMap(literalsOf) : [];
  });
}

function inertMessage(char: string, pattern: string, noun: string): string {
  const never = `No ${noun} has ${char.trim() === '' ? 'a space' : `"${char}"`} in it, so this never matches`;
  if (char === ',') return `${never}. Alternatives stand in braces: "{${pattern}}".`;
  if (char.trim() === '') return `${never}, or not with every alternative. Remove the space.`;
  if (char === '!') return `${never}, or not with every alternative. Negation is written "[^v]", or as excluding.`;
  if (char === '/') return `${never}. The repository is chosen under repositories.`;
  return `${never}, or not with every alternative.`;
}

const spaced = (patterns: readonly string[], path: string): RuleWarning[] =>
  patterns.flatMap((pattern, index) => {
    if (pattern === pattern.trim()) return [];
    const message = 'No tag has a space in it; this one begins or ends the regex. Remove it.';
    return [{ path: `${path}[${index}]`, pattern, message }];
  });

const exhaustive = (patterns: readonly string[], path: string, everything: readonly string[]): RuleWarning[] =>
  patterns.flatMap((pattern, index) => {
    if (!everything.includes(pattern)) return [];
    return [{ path: `${path}[${index}]`, pattern, message: 'This excludes everything, so the rule covers nothing.' }];
  });
