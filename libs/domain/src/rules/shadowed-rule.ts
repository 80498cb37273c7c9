import { compileRule } from './compile-rule.js';
import { wantsGuard } from './protection.js';
import { RuleMalformedError } from './rule.errors.js';
import { PROTECTIONS, type Rule, type RuleDefinition, ruleOf } from './rule.js';
import type { RuleWarning } from './rule-warning.js';
import { coversAllOf } from './selector-containment.js';

/**
 * Warns of a rule that provably changes nothing beside others, because they cover all that it covers and protect it at least as
 * strictly; only the name under which its tags are protected can be another. `others` are the rules without it. Silent about
 * rules that are disabled or malformed.
 */
export function shadowWarningsOf(definition: RuleDefinition, others: readonly Rule[]): RuleWarning[] {
  if (!isSound(definition)) return [];
  const shadowing = shadowingRules(ruleOf(definition, { id: '', origin: 'api' }), others);
  if (shadowing.length === 0) return [];
  const names = shadowing.map(({ name }) => JSON.stringify(name)).join(' and ');
  const [who, cover, protect] = shadowing.length === 1 ? ['Rule', 'covers', 'protects'] : ['Rules', 'cover', 'protect'];
  const message =
    `${who} ${names} ${cover} everything that this rule covers, and ${protect} it at least as strictly, so this one ` +
    'changes nothing. Remove it, or let it cover more.';
  return [{ code: 'shadowed', path: '', pattern: null, message, example: null }];
}

/** The fewest rules beside which a rule changes nothing; empty where it does change something. */
export function shadowingRules(rule: Rule, others: readonly Rule[]): readonly Rule[] {
  if (!rule.enabled) return [];
  const covering = others.filter((other) => other.enabled && isAsStrict(other, rule) && coversAllOf(other, rule));
  const enforcing = covering.find(({ mode }) => mode === 'enforce');
  if (rule.mode === 'audit' && enforcing) return [enforcing];
  const alone = covering.find(({ protect }) => rule.protect.every((kind) => protect.includes(kind)));
  if (alone) return [alone];
  const together = PROTECTIONS.filter((kind) => rule.protect.includes(kind)).map((kind) =>
    covering.find(({ protect }) => protect.includes(kind)),
  );
  return together.every((other) => other !== undefined) ? [...new Set(together)] : [];
}

const isAsStrict = (other: Rule, rule: Rule): boolean =>
  (other.mode === 'enforce' || rule.mode === 'audit') && (wantsGuard(other) || !wantsGuard(rule));

function isSound(definition: RuleDefinition): boolean {
  try {
    compileRule(definition);
    return true;
  } catch (error) {
    if (error instanceof RuleMalformedError) return false;
    throw error;
  }
}
