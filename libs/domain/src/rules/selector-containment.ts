import { literalTextOf } from './doublestar.js';
import { containsPattern, type MatchedText } from './doublestar-containment.js';
import { unlessMalformed } from './inert-pattern.js';
import type { Rule, Selector, TagSelector } from './rule.js';
import { namesSignatureTags } from './signature-tags.js';
import { type Anchoring, compileRegex } from './tag-regex.js';

/** Whether `outer` provably covers every tag that `inner` covers. "Yes" is certain, "no" is not. Modes are not looked at. */
export function coversAllOf(outer: Rule, inner: Rule): boolean {
  return (
    containsSelector(outer.registries, inner.registries, 'component') &&
    containsSelector(outer.repositories, inner.repositories, 'path') &&
    containsTags(outer.tags, inner.tags)
  );
}

function containsSelector(outer: Selector, inner: Selector, text: MatchedText): boolean {
  const contains = (wider: string, narrower: string) => containsPattern(wider, narrower, text);
  return (
    everyIsContained(inner.matching, outer.matching, contains) &&
    everyIsContained(outer.excluding, inner.excluding, contains)
  );
}

function containsTags(outer: TagSelector, inner: TagSelector): boolean {
  const [wide, narrow] = [tagPatternsOf(outer), tagPatternsOf(inner)];
  return (
    everyIsContained(
      narrow.matching,
      wide.matching,
      (wider, narrower) =>
        (namesSignatures(wider) || !namesSignatures(narrower)) && containsTagPattern(wider, narrower),
    ) && everyIsContained(wide.excluding, narrow.excluding, containsTagPattern)
  );
}

const everyIsContained = <T>(
  inner: readonly T[],
  outer: readonly T[],
  contains: (wider: T, narrower: T) => boolean,
): boolean => inner.every((narrower) => outer.some((wider) => contains(wider, narrower)));

/** A pattern over tags; regexes with the anchoring that belongs to them. */
export type TagPattern =
  | { readonly type: 'doublestar'; readonly source: string }
  | { readonly type: 'regex'; readonly source: string; readonly anchoring: Anchoring };

export function tagPatternsOf(tags: TagSelector): {
  readonly matching: readonly TagPattern[];
  readonly excluding: readonly TagPattern[];
} {
  if (tags.type === 'regex') {
    const pattern = (source: string) => ({ type: 'regex' as const, source, anchoring: tags.anchoring });
    return { matching: tags.regex.map(pattern), excluding: tags.excludingRegex.map(pattern) };
  }
  const pattern = (source: string) => ({ type: 'doublestar' as const, source });
  const matching = tags.type === 'all' ? ['**'] : tags.matching;
  return { matching: matching.map(pattern), excluding: tags.excluding.map(pattern) };
}

const namesSignatures = ({ source, type }: TagPattern): boolean => namesSignatureTags(source, type);

/** Regexes that match every tag, whatever the anchoring. */
const EVERYTHING = new Set(['.*', '.+', '^.*', '^.+', '.*$', '.+$', '^.*$', '^.+$']);

/** Whether `outer` provably matches every tag that `inner` matches; that signatures are spared is not looked at. */
export function containsTagPattern(outer: TagPattern, inner: TagPattern): boolean {
  if (outer.type === 'doublestar') {
    if (outer.source === '*' || outer.source === '**') return true;
    return inner.type === 'doublestar' && containsPattern(outer.source, inner.source, 'component');
  }
  if (EVERYTHING.has(outer.source)) return true;
  if (inner.type === 'regex') return outer.source === inner.source && outer.anchoring === inner.anchoring;
  return unlessMalformed(() => matchesLiteral(outer, inner.source)) ?? false;
}

function matchesLiteral({ source, anchoring }: TagPattern & { type: 'regex' }, glob: string): boolean {
  const literal = literalTextOf(glob);
  return literal !== null && compileRegex(source, anchoring).matches(literal);
}
