import { type GlobNode, parseDoublestar } from './doublestar-syntax.js';
import { canMatchName, type NameGrammar } from './name-grammar.js';
import { PatternMalformedError } from './pattern.js';
import type { RuleWarningFinding } from './rule-warning.js';

/** Finds what keeps a doublestar pattern, or one of its alternatives, from ever matching. Malformed patterns are passed over. */
export function inertPattern(pattern: string, grammar: NameGrammar): RuleWarningFinding | null {
  return unlessMalformed(() => {
    const strange = strangeCharacter(pattern, grammar);
    if (strange !== null || canMatchName(pattern, grammar)) return strange;
    return { code: 'inertPattern', message: noneHasThisForm(grammar) };
  });
}

/** Finds a character that no such name can have. Throws `PatternMalformedError`. */
export function strangeCharacter(pattern: string, { alphabet, noun }: NameGrammar): RuleWarningFinding | null {
  const char = literalsIn(parseDoublestar(pattern)).find((literal) => !alphabet.includes(literal));
  return char === undefined ? null : { code: 'inertPattern', message: messageOf(char, pattern, noun) };
}

/** Regexes among globs are the usual reason: `.*` is a dot and then anything. */
export const noneHasThisForm = ({ noun }: NameGrammar): string =>
  `No ${noun} has this form, so this never matches. Names begin with a letter or digit; and these patterns are globs, ` +
  'not regexes: "." is a dot, and "any" is "*".';

/** Every character that a pattern names outside of classes, those in braces too. */
export function literalsIn(nodes: readonly GlobNode[]): string[] {
  return nodes.flatMap((node) => {
    if (node.type === 'literal') return [node.char];
    return node.type === 'group' ? node.alternatives.flatMap(literalsIn) : [];
  });
}

/** What is malformed is `compileRule`'s to report. */
export function unlessMalformed<T>(find: () => T | null): T | null {
  try {
    return find();
  } catch (error) {
    if (error instanceof PatternMalformedError) return null;
    throw error;
  }
}

function messageOf(char: string, pattern: string, noun: string): string {
  const never = `No ${noun} has ${char.trim() === '' ? 'a space' : `"${char}"`} in it, so this never matches`;
  if (char === ',') return `${never}. Alternatives stand in braces: "{${pattern}}".`;
  if (char.trim() === '') return `${never}, or not with every alternative. Remove the space.`;
  if (char === '!') return `${never}, or not with every alternative. Negation is written "[^v]", or as excluding.`;
  if (char === '/') return `${never}. The repository is chosen under repositories.`;
  return `${never}, or not with every alternative.`;
}
