import { formatTagRef, type TagRef } from '../names.js';
import type { CompiledRule, MatchedPatterns, Verdict } from './compile-rule.js';
import { type Protection, protectionOf, winningRules } from './protection.js';

type RuleName = Protection['rule'];

/** The rule that came closest to covering a tag, and what kept it from it. */
export type ClosestRule = {
  readonly rule: RuleName;
  /** The selector that decided; null for a rule that covers the tag, but is disabled. */
  readonly selector: 'registries' | 'repositories' | 'tags' | null;
  readonly because: 'unmatched' | 'excluded' | 'spared' | 'disabled';
  /** The pattern that excluded it. */
  readonly pattern: string | null;
};

export type ProtectionExplanation = {
  readonly immutable: boolean;
  readonly mode: Protection['mode'] | null;
  readonly protect: Protection['protect'];
  readonly rule: RuleName | null;
  /** The patterns by which the named rule covers the tag; null where none does. */
  readonly selector: MatchedPatterns | null;
  /** The other rules that cover it and add to `protect`: those of the same mode. An auditing rule beside an enforcing one is not heard. */
  readonly alsoBy: readonly RuleName[];
  /** null where a rule covers the tag, or there are no rules. */
  readonly closest: ClosestRule | null;
  /** A sentence or two: the rule and the pattern that decided, or what kept the closest rule from covering the tag. */
  readonly reason: string;
};

/** The protection of a tag, which need not exist, and why. */
export function explainProtection(rules: readonly CompiledRule[], ref: TagRef): ProtectionExplanation {
  const protection = protectionOf(rules, ref);
  const [named, ...others] = winningRules(rules, ref);
  const verdict = named?.judge(ref);
  if (!protection || !named || !verdict?.covered) return explainOpenness(rules, ref);
  const { mode, protect, rule } = protection;
  return {
    immutable: true,
    mode,
    protect,
    rule,
    selector: verdict.patterns,
    alsoBy: others.map(nameOf),
    closest: null,
    reason: reasonFor(named, protection, verdict.patterns, ref),
  };
}

const nameOf = ({ rule: { id, name } }: CompiledRule): RuleName => ({ id, name });

function reasonFor(
  { rule }: CompiledRule,
  { mode, protect }: Protection,
  matched: MatchedPatterns,
  ref: TagRef,
): string {
  const consequence = mode === 'enforce' ? 'put right' : 'reported, and left as it is (audit)';
  const because = reasonInPatterns(matched, rule.tags.type === 'all');
  return `Rule ${quote(rule.name)} makes ${formatTagRef(ref)} immutable: ${because}. Any ${protect.join(' or ')} is ${consequence}.`;
}

function reasonInPatterns({ repositories, tags }: MatchedPatterns, isEveryTag: boolean): string {
  const isEveryRepository = repositories === '**';
  const repository = `its repository pattern ${quote(repositories)}`;
  if (isEveryTag) {
    return isEveryRepository
      ? 'it covers every tag of the repository'
      : `${repository} matches, and it covers every tag`;
  }
  const tag = `its tag pattern ${quote(tags)}`;
  return isEveryRepository ? `${tag} matches` : `${repository} and ${tag} match`;
}

function explainOpenness(rules: readonly CompiledRule[], ref: TagRef): ProtectionExplanation {
  const judged = closestRule(rules, ref);
  const closest = judged && closenessOf(...judged);
  return {
    immutable: false,
    mode: null,
    protect: [],
    rule: null,
    selector: null,
    alsoBy: [],
    closest: closest ?? null,
    reason: closest ? reasonAgainst(closest, rules.length, ref) : 'No rule exists, so every tag can be changed.',
  };
}

/** A disabled rule that covers the tag is closest; then the one that got furthest: registry, repository, tag, exclusion. */
function closestRule(rules: readonly CompiledRule[], ref: TagRef): readonly [CompiledRule, Verdict] | undefined {
  const judged = rules.map((rule) => [rule, rule.judge(ref)] as const);
  return judged.reduce<(typeof judged)[number] | undefined>(
    (best, candidate) => (best && progress(best[1]) >= progress(candidate[1]) ? best : candidate),
    undefined,
  );
}

function progress(verdict: Verdict): number {
  if (verdict.covered) return 6;
  return (
    ['registries', 'repositories', 'tags'].indexOf(verdict.selector) * 2 + (verdict.because === 'unmatched' ? 0 : 1)
  );
}

function closenessOf(compiled: CompiledRule, verdict: Verdict): ClosestRule {
  const rule = nameOf(compiled);
  if (verdict.covered) return { rule, selector: null, because: 'disabled', pattern: null };
  const { selector, because, pattern } = verdict;
  return { rule, selector, because, pattern };
}

function reasonAgainst(closest: ClosestRule, ruleCount: number, ref: TagRef): string {
  const place = ruleCount === 1 ? 'The only rule,' : 'No rule covers it. The closest,';
  return `${place} ${quote(closest.rule.name)}, ${missed(closest, ref)}.`;
}

function missed({ selector, because, pattern }: ClosestRule, ref: TagRef): string {
  if (selector === null) return 'would cover it, but is disabled';
  const [what, value] = {
    registries: ['registry', ref.registry] as const,
    repositories: ['repository', ref.repository] as const,
    tags: ['tag', ref.tag] as const,
  }[selector];
  if (because === 'excluded') return `excludes the ${what} ${quote(value)} by ${quote(pattern ?? '')}`;
  if (because === 'unmatched') return `has no pattern that matches the ${what} ${quote(value)}`;
  return 'spares sha256-… tags (signatures, attestations, SBOMs), which a rule covers only by a pattern with sha256- in it';
}

const quote = (text: string): string => JSON.stringify(text);
