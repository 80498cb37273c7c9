import { compileRule, type Instant, type Rule, type RuleDefinition } from '#domain';
import type { RuleEdit, RuleKeeping } from '../ports/rule-keeping.js';
import { RuleNameTakenError, RuleOwnedByFileError, RuleUnknownError } from './rule-management.errors.js';

export type Deed = { readonly by: string; readonly at: Instant };

/** New rules, all or none of them. Throws `RULE_MALFORMED` and `RULE_NAME_TAKEN`. */
export async function createRules(
  keeping: RuleKeeping,
  definitions: readonly RuleDefinition[],
  { by, at }: Deed,
  newId: () => string,
): Promise<Rule[]> {
  const created = definitions.map((definition) => compileRule(definition, { id: newId(), origin: 'api' }).rule);
  await keeping.change(by, at, (rules) => {
    const after = [...rules, ...created];
    for (const rule of created) refuseTakenName(after, rule);
    return { rules: after, changes: created.map((rule) => ({ type: 'ruleCreated', before: null, after: rule })) };
  });
  return created;
}

/** Puts another definition in a rule's place; its id stays. Throws also `RULE_UNKNOWN` and `RULE_OWNED_BY_FILE`. */
export async function replaceRule(
  keeping: RuleKeeping,
  id: string,
  definition: RuleDefinition,
  { by, at }: Deed,
): Promise<Rule> {
  const { rule } = compileRule(definition, { id, origin: 'api' });
  await keeping.change(by, at, (rules): RuleEdit => {
    const before = ownedByPeople(rules, id);
    const after = rules.map((candidate) => (candidate.id === id ? rule : candidate));
    refuseTakenName(after, rule);
    const isSame = JSON.stringify(before) === JSON.stringify(rule);
    return { rules: after, changes: isSame ? [] : [{ type: 'ruleChanged', before, after: rule }] };
  });
  return rule;
}

/** Its tags are free at once; the record stays. */
export async function deleteRule(keeping: RuleKeeping, id: string, { by, at }: Deed): Promise<void> {
  await keeping.change(by, at, (rules) => {
    const before = ownedByPeople(rules, id);
    return {
      rules: rules.filter((candidate) => candidate.id !== id),
      changes: [{ type: 'ruleDeleted', before, after: null }],
    };
  });
}

function ownedByPeople(rules: readonly Rule[], id: string): Rule {
  const rule = rules.find((candidate) => candidate.id === id);
  if (rule === undefined) throw new RuleUnknownError(id);
  if (rule.origin === 'file') throw new RuleOwnedByFileError(rule.name);
  return rule;
}

function refuseTakenName(rules: readonly Rule[], { id, name }: Rule): void {
  const other = rules.find((candidate) => candidate.name === name && candidate.id !== id);
  if (other !== undefined) throw new RuleNameTakenError(name, other.origin);
}
