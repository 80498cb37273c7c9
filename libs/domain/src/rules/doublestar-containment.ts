import { expandDoublestar, type GlobToken } from './doublestar-expansion.js';
import { isInClass } from './name-grammar.js';
import { PatternMalformedError } from './pattern.js';

/** What patterns are about: repositories are paths; registries' names and tags have no slash, so `*` is everything there. */
export type MatchedText = 'path' | 'component';

type Tokens = readonly GlobToken[];

/** Pairs of places, over all expansions, that are looked at before giving up: two of the longest plain patterns. */
const MAX_STEPS = 1_100_000;

/**
 * Whether `outer` provably matches every text that `inner` matches. "Yes" is certain; "no" also stands for what this simple
 * comparison, symbol by symbol, cannot show, and for malformed patterns.
 */
export function containsPattern(outer: string, inner: string, text: MatchedText): boolean {
  if (outer === inner || outer === '**' || (outer === '*' && text === 'component')) return true;
  if (beginDifferently(outer, inner)) return false;
  try {
    return containsAll(expanded(outer, text), expanded(inner, text));
  } catch (error) {
    if (error instanceof PatternMalformedError) return false;
    throw error;
  }
}

/** Seen at a glance, which spares a list of many rules most of the work. */
function beginDifferently(outer: string, inner: string): boolean {
  const [one = '', other = ''] = [outer, inner].map((pattern) => /^[^*?[{\\]*/.exec(pattern)?.[0]);
  return !one.startsWith(other) && !other.startsWith(one);
}

function expanded(pattern: string, text: MatchedText): readonly Tokens[] {
  const expansions = expandDoublestar(pattern, 'written out');
  if (text === 'path') return expansions;
  return expansions.map((tokens) =>
    tokens.map((token) => (token.type === 'everything' ? { type: 'segment' as const } : token)),
  );
}

function containsAll(outers: readonly Tokens[], inners: readonly Tokens[]): boolean {
  const size = (expansions: readonly Tokens[]) => expansions.reduce((sum, tokens) => sum + tokens.length + 1, 0);
  if (size(outers) * size(inners) > MAX_STEPS) return false;
  return inners.every((inner) => outers.some((outer) => contains(outer, inner)));
}

/** A glob match whose text is itself a pattern: `row[at]` says whether the outer pattern from `place` on contains the inner from `at` on. */
function contains(outer: Tokens, inner: Tokens): boolean {
  let row = [...inner.map(() => false), true];
  for (const token of outer.toReversed()) row = rowBefore(token, row, inner);
  return row[0] === true;
}

function rowBefore(outer: GlobToken, after: readonly boolean[], inner: Tokens): boolean[] {
  const row = after.map(() => false);
  /** Whether, from here, a slash can be reached by reading what lies within a path component, and things go on well behind it. */
  let isWellBehindSlash = false;
  for (let at = inner.length; at >= 0; at -= 1) {
    const token = inner[at];
    const next = row[at + 1] === true;
    switch (outer.type) {
      case 'everything':
        row[at] = after[at] === true || (token !== undefined && next);
        break;
      case 'segment':
        row[at] = after[at] === true || (token !== undefined && isWithinComponent(token) && next);
        break;
      case 'directories':
        if (token === undefined || !isWithinComponent(token)) isWellBehindSlash = isSlash(token) && next;
        row[at] = after[at] === true || isWellBehindSlash || (token?.type === 'directories' && next);
        break;
      default:
        row[at] = token !== undefined && containsOne(outer, token) && after[at + 1] === true;
    }
  }
  return row;
}

const isSlash = (token: GlobToken | undefined): boolean => token?.type === 'literal' && token.char === '/';

const isWithinComponent = (token: GlobToken): boolean => token.type === 'segment' || isOneCharacter(token);

const isOneCharacter = (token: GlobToken): boolean =>
  token.type === 'any' || token.type === 'class' || (token.type === 'literal' && token.char !== '/');

function containsOne(outer: GlobToken, inner: GlobToken): boolean {
  if (outer.type === 'any') return isOneCharacter(inner);
  if (outer.type === 'literal') return inner.type === 'literal' && inner.char === outer.char;
  if (outer.type !== 'class') return false;
  if (inner.type === 'literal') return inner.char !== '/' && isInClass(inner.char, outer);
  return inner.type === 'class' && JSON.stringify(inner) === JSON.stringify(outer);
}
