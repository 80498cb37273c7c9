import type { RuleView } from '#contracts';
import { definitionOf, type Rule, type RuleDefinition, ruleOf } from '#domain';

/** `definitionOf` spells every default out, which its type does not say. */
export const ruleViewOf = (rule: Rule): RuleView => ({
  ...(definitionOf(rule) as RuleView),
  id: rule.id,
  origin: rule.origin,
});

/** The same of a rule that is not saved. */
export const definitionViewOf = (definition: RuleDefinition): Omit<RuleView, 'id' | 'origin'> =>
  definitionOf(ruleOf(definition, { id: '', origin: 'api' })) as Omit<RuleView, 'id' | 'origin'>;
