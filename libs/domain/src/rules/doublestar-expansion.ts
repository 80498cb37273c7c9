import { type CodePointRange, type GlobNode, parseDoublestar } from './doublestar-syntax.js';
import { PatternMalformedError } from './pattern.js';

/** A piece of a pattern whose braces are written out, so that it is known which `**` stands alone between slashes. */
export type GlobToken =
  | { readonly type: 'literal'; readonly char: string }
  /** One character but `/`. */
  | { readonly type: 'any' }
  /** One character of the class; never `/`. */
  | { readonly type: 'class'; readonly negated: boolean; readonly ranges: readonly CodePointRange[] }
  /** Alternatives without slashes and stars, each with a character at least. */
  | { readonly type: 'group'; readonly alternatives: readonly (readonly GlobToken[])[] }
  /** Any characters but `/`, or none. */
  | { readonly type: 'segment' }
  /** Any number of path components, each with the slash behind it. */
  | { readonly type: 'directories' }
  /** Any text. */
  | { readonly type: 'everything' };

type Nodes = readonly GlobNode[];

/** Characters, over all alternatives: more than a person writes; it bounds what `{a,b*}{a,b*}{a,b*}…` can grow into. */
const MAX_EXPANDED = 10_000;

/**
 * The patterns that a pattern is the union of. With `groups: kept`, groups that cannot matter for what `**` means stay, so that
 * lists of names cost nothing; with `written out` there are none. Throws `PatternMalformedError`.
 */
export function expandDoublestar(pattern: string, groups: 'kept' | 'written out'): readonly (readonly GlobToken[])[] {
  const opens = groups === 'kept' ? (node: GlobNode) => !isPlain(node) : () => true;
  return expand(pattern, parseDoublestar(pattern), opens).map(tokensOf);
}

function expand(pattern: string, nodes: Nodes, opens: (group: GlobNode) => boolean): readonly Nodes[] {
  let expansions: readonly Nodes[] = [[]];
  for (const node of nodes) {
    const isOpen = node.type === 'group' && opens(node);
    const tails = isOpen ? node.alternatives.flatMap((alternative) => expand(pattern, alternative, opens)) : [[node]];
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

function tokensOf(nodes: Nodes): readonly GlobToken[] {
  const components = splitAtSlashes(nodes);
  const last = components.length - 1;
  return components.flatMap<GlobToken>((component, index) => {
    if (isDoublestar(component)) return [{ type: index === last ? 'everything' : 'directories' }];
    const tokens = component.map(tokenOf);
    return index === last ? tokens : [...tokens, { type: 'literal', char: '/' }];
  });
}

function tokenOf(node: GlobNode): GlobToken {
  if (node.type === 'stars') return { type: 'segment' };
  if (node.type !== 'group') return node;
  return { type: 'group', alternatives: node.alternatives.map((alternative) => alternative.map(tokenOf)) };
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
