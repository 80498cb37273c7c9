import { formatTagRef, type TagRef } from '../names.js';
import type { CompiledRule, Verdict } from './compile-rule.js';
import { type Protection, protectionOf } from './protection.js';

export type ProtectionExplanation = {
  readonly immutable: boolean;
  readonly mode: Protection['mode'] | null;
  readonly protect: Protection['protect'];
  readonly rule: Protection['rule'] | null;
  /** A sentence or two: the rule and the pattern that decided, or what kept the closest rule from covering the tag. */
  readonly reason: string;
};

/** The protection of a tag, which need not exist, and why. */
export function explainProtection(rules: readonly CompiledRule[], ref: TagRef): ProtectionExplanation {
  const protection = protectionOf(rules, ref);
  if (protection === null) {
    return { immutable: false, mode: null, protect: [], rule: null, reason: reasonAgainst(rules, ref) };
  }
  const named = rules.find(({ rule }) => rule.enabled && rule.id === protection.rule.id);
  const verdict = named?.judge(ref);
  const pattern = verdict?.covered && named?.rule.tags.type !== 'all' ? verdict.tagPattern : null;
  return { immutable: true, ...protection, reason: reasonFor(protection, pattern, ref) };
}

function reasonFor({ rule, mode, protect }: Protection, pattern: string | null, ref: TagRef): string {
  const because =
    pattern === null ? 'it covers every tag of the repository' : `its tag pattern ${quote(pattern)} matches`;
  const consequence = mode === 'enforce' ? 'put right' : 'reported, and left as it is (audit)';
  return `Rule ${quote(rule.name)} makes ${formatTagRef(ref)} immutable: ${because}. Any ${protect.join(' or ')} is ${consequence}.`;
}

function reasonAgainst(rules: readonly CompiledRule[], ref: TagRef): string {
  const closest = closestRule(rules, ref);
  if (!closest) return 'No rule exists, so every tag can be changed.';
  const [{ rule }, verdict] = closest;
  const place = rules.length === 1 ? 'The only rule,' : 'No rule covers it. The closest,';
  return `${place} ${quote(rule.name)}, ${verdict.covered ? 'would cover it, but is disabled' : missed(verdict, ref)}.`;
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

function missed(verdict: Extract<Verdict, { covered: false }>, ref: TagRef): string {
  const [what, value] = {
    registries: ['registry', ref.registry] as const,
    repositories: ['repository', ref.repository] as const,
    tags: ['tag', ref.tag] as const,
  }[verdict.selector];
  switch (verdict.because) {
    case 'unmatched':
      return `has no pattern that matches the ${what} ${quote(value)}`;
    case 'excluded':
      return `excludes the ${what} ${quote(value)} by ${quote(verdict.pattern ?? '')}`;
    case 'spared':
      return `spares sha256-… tags (signatures, attestations, SBOMs), which a rule covers only by a pattern with sha256- in it`;
  }
}

const quote = (text: string): string => JSON.stringify(text);
