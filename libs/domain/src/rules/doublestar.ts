import { RE2JS } from 're2js';
import { assertUnreachable } from '../assert-unreachable.js';
import { type CodePointRange, type GlobNode, parseDoublestar } from './doublestar-syntax.js';
import { type Pattern, PatternMalformedError, refuseOverlongPattern } from './pattern.js';

type Nodes = readonly GlobNode[];

/** Characters, over all alternatives: more than a person writes; it bounds what `{a,b*}{a,b*}{a,b*}…` can grow into. */
const MAX_EXPANDED = 10_000;

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
  const regex = compileExpansions(pattern, expand(pattern, nodes));
  return { source: pattern, matches: (text) => regex.testExact(text) };
}

/** The pattern that matches exactly this text. */
export const escapeDoublestar = (text: string): string => text.replace(/[\\*?[\]{},]/g, '\\$&');

function literalOf(nodes: Nodes): string | null {
  let text = '';
  for (const node of nodes) {
    if (node.type !== 'literal') return null;
    text += node.char;
  }
  return text;
}

function compileExpansions(pattern: string, expansions: readonly Nodes[]): RE2JS {
  try {
    return RE2JS.compile(expansions.map(expansionRegex).join('|'), RE2JS.DOTALL);
  } catch {
    throw new PatternMalformedError(pattern, 0, 'The pattern is too large to compile. Split it into several.');
  }
}

/**
 * Writes braces out, because only then can it be said which `**` stands alone between slashes: `{a,b/}**`. Groups that cannot
 * matter for that stay, so that lists of names cost nothing.
 */
function expand(pattern: string, nodes: Nodes): readonly Nodes[] {
  let expansions: readonly Nodes[] = [[]];
  for (const node of nodes) {
    const isOpen = node.type === 'group' && !isPlain(node);
    const tails = isOpen ? node.alternatives.flatMap((alternative) => expand(pattern, alternative)) : [[node]];
    if (expansions.length * sizeOf(tails) + tails.length * sizeOf(expansions) > MAX_EXPANDED) {
      const position = 'position' in node ? node.position : 0;
      throw new PatternMalformedError(
        pattern,
        position,
        'The braces stand for too many alternatives. Split the pattern.',
      );
    }
    expansions = expansions.flatMap((head) => tails.map((tail) => [...head, ...tail]));
  }
  return expansions;
}

const sizeOf = (expansions: readonly Nodes[]): number => expansions.reduce((sum, nodes) => sum + nodes.length + 1, 0);

/** Whether every alternative has a character and none a slash or star: a `**` beside such a group never stands alone. */
function isPlain(node: GlobNode): boolean {
  switch (node.type) {
    case 'literal':
      return node.char !== '/';
    case 'stars':
      return false;
    case 'group':
      return node.alternatives.every((alternative) => alternative.length > 0 && alternative.every(isPlain));
    default:
      return true;
  }
}

function expansionRegex(nodes: Nodes): string {
  const components = splitAtSlashes(nodes);
  const last = components.length - 1;
  return components
    .map((component, index) => {
      if (isDoublestar(component)) return index === last ? '.*' : '(?:[^/]*/)*';
      return component.map(nodeRegex).join('') + (index === last ? '' : '/');
    })
    .join('');
}

const isDoublestar = ([first, second]: Nodes): boolean =>
  first?.type === 'stars' && first.count === 2 && second === undefined;

function splitAtSlashes(nodes: Nodes): GlobNode[][] {
  const components: GlobNode[][] = [[]];
  for (const node of nodes) {
    if (node.type === 'literal' && node.char === '/') components.push([]);
    else components.at(-1)?.push(node);
  }
  return components;
}

function nodeRegex(node: GlobNode): string {
  switch (node.type) {
    case 'literal':
      return codePointRegex(node.char.codePointAt(0) ?? 0);
    case 'any':
      return '[^/]';
    case 'stars':
      return '[^/]*';
    case 'class':
      return classRegex(node.negated, node.ranges);
    case 'group':
      return `(?:${node.alternatives.map((alternative) => alternative.map(nodeRegex).join('')).join('|')})`;
    default:
      return assertUnreachable(node);
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
