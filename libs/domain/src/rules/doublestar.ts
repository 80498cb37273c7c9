import { RE2JS } from 're2js';
import { assertUnreachable } from '../assert-unreachable.js';
import { expandDoublestar, type GlobToken } from './doublestar-expansion.js';
import { type CodePointRange, type GlobNode, parseDoublestar } from './doublestar-syntax.js';
import { type Pattern, PatternMalformedError, refuseOverlongPattern } from './pattern.js';

/**
 * Compiles a pattern of the language of doublestar v1.3.4, Harbor's; throws `PatternMalformedError`. It matches the whole text and
 * minds case: `**` as a path component of its own stands for any number of components (as the last one: one at least, so `qa/**` is
 * not `qa`), any other run of `*` stops at `/`, `?` is one character but `/`, `[a-z]`, `[^a]`, `{a,b}`, `\` escapes.
 *
 * The language, not that program's slips: a pattern means the union of what its braces expand to, also where v1.3.4 overlooks
 * a match (`a*{,b}` on `ac`, `***` on an empty text, `{**,x}` on `a/b`, an escaped slash) or calls a sound pattern bad (`[\\]`,
 * `a{,/b}`). And `[^]` and `[b-a]`, which it takes, are refused: nobody means what they do there.
 */
export function compileDoublestar(pattern: string): Pattern {
  refuseOverlongPattern(pattern);
  const nodes = parseDoublestar(pattern);
  if (pattern === '**') return { source: pattern, matches: () => true };
  const literal = literalOf(nodes);
  if (literal !== null) return { source: pattern, matches: (text) => text === literal };
  const regex = compileExpansions(pattern, expandDoublestar(pattern, 'kept'));
  return { source: pattern, matches: (text) => regex.testExact(text) };
}

/** The pattern that matches exactly this text. */
export const escapeDoublestar = (text: string): string => text.replace(/[\\*?[\]{},]/g, '\\$&');

/** The one text that a pattern matches, escapes taken away; null where there may be more. Throws `PatternMalformedError`. */
export const literalTextOf = (pattern: string): string | null => literalOf(parseDoublestar(pattern));

function literalOf(nodes: readonly GlobNode[]): string | null {
  let text = '';
  for (const node of nodes) {
    if (node.type !== 'literal') return null;
    text += node.char;
  }
  return text;
}

function compileExpansions(pattern: string, expansions: readonly (readonly GlobToken[])[]): RE2JS {
  try {
    return RE2JS.compile(expansions.map((tokens) => tokens.map(tokenRegex).join('')).join('|'), RE2JS.DOTALL);
  } catch {
    throw new PatternMalformedError(pattern, 0, 'The pattern is too large to compile. Split it into several.');
  }
}

function tokenRegex(token: GlobToken): string {
  switch (token.type) {
    case 'literal':
      return codePointRegex(token.char.codePointAt(0) ?? 0);
    case 'any':
      return '[^/]';
    case 'segment':
      return '[^/]*';
    case 'directories':
      return '(?:[^/]*/)*';
    case 'everything':
      return '.*';
    case 'class':
      return classRegex(token.negated, token.ranges);
    case 'group':
      return `(?:${token.alternatives.map((alternative) => alternative.map(tokenRegex).join('')).join('|')})`;
    default:
      return assertUnreachable(token);
  }
}

const codePointRegex = (codePoint: number): string => `\\x{${codePoint.toString(16)}}`;

const SLASH = 0x2f;
const NOTHING = '[^\\x{0}-\\x{10ffff}]';

/** No class matches a slash, even `[.-0]`, which has it inside. */
function classRegex(negated: boolean, ranges: readonly CodePointRange[]): string {
  const body = ranges.flatMap(withoutSlash).map(([low, high]) => `${codePointRegex(low)}-${codePointRegex(high)}`);
  if (negated) return `[^/${body.join('')}]`;
  return body.length === 0 ? NOTHING : `[${body.join('')}]`;
}

function withoutSlash([low, high]: CodePointRange): CodePointRange[] {
  if (SLASH < low || high < SLASH) return [[low, high]];
  const around: CodePointRange[] = [
    [low, SLASH - 1],
    [SLASH + 1, high],
  ];
  return around.filter(([from, to]) => from <= to);
}
