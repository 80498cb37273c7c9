import type { TagRef } from '../names.js';
import type { ViolationKind } from '../violation.js';
import type { CompiledRule } from './compile-rule.js';
import { PROTECTIONS, type Rule, type RuleMode } from './rule.js';

/** How a tag is protected, and by which rule. */
export type Protection = {
  readonly rule: { readonly id: string; readonly name: string };
  readonly mode: RuleMode;
  /** Never empty; in the order of `PROTECTIONS`. */
  readonly protect: readonly ViolationKind[];
  /** The sealed content is also kept in the registry's guard repository. Never where the mode is `audit`, which writes nothing. */
  readonly guard: boolean;
};

/**
 * The protection of a tag by the enabled rules; null where none covers it. Where several do, the strictest mode wins: if one
 * enforces, the auditing ones are not heard. The rules of that mode add up in what they protect against, and a guard is kept where one of
 * them asks for it; the first of them, in the order given, is named.
 */
export function protectionOf(rules: readonly CompiledRule[], ref: TagRef): Protection | null {
  const winning = winningRules(rules, ref);
  const first = winning[0];
  if (!first) return null;
  const protect = PROTECTIONS.filter((kind) => winning.some(({ rule }) => rule.protect.includes(kind)));
  const guard = winning.some(({ rule }) => wantsGuard(rule));
  return { rule: { id: first.rule.id, name: first.rule.name }, mode: first.rule.mode, protect, guard };
}

/** A rule that only looks on writes nothing, not to a guard repository either. */
export const wantsGuard = ({ mode, guard }: Rule): boolean => guard && mode === 'enforce';

/** The enabled rules that cover a tag and add up in its protection, in the order given: those of the strictest mode. */
export function winningRules(rules: readonly CompiledRule[], ref: TagRef): readonly CompiledRule[] {
  const covering = rules.filter((compiled) => compiled.rule.enabled && compiled.covers(ref));
  const enforcing = covering.filter(({ rule }) => rule.mode === 'enforce');
  return enforcing.length > 0 ? enforcing : covering;
}

export function sameProtection(a: Protection | null, b: Protection | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.rule.id === b.rule.id &&
    a.rule.name === b.rule.name &&
    a.mode === b.mode &&
    a.guard === b.guard &&
    a.protect.length === b.protect.length &&
    a.protect.every((kind, index) => kind === b.protect[index])
  );
}
