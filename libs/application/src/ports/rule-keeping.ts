import type { Instant, Rule } from '#domain';

/** One rule's change, for the audit trail. */
export type RuleChange = {
  readonly type: 'ruleCreated' | 'ruleChanged' | 'ruleDeleted';
  readonly before: Rule | null;
  readonly after: Rule | null;
};

/** The whole set after an edit, and what changed in it; no changes: nothing is written. */
export type RuleEdit = { readonly rules: readonly Rule[]; readonly changes: readonly RuleChange[] };

export abstract class RuleKeeping {
  /**
   * Edits the rules with nobody else at it, as a revision that holds from `at` on. What `edit` throws leaves everything as it was. Rejects
   * with a retriable error while the database cannot be reached.
   */
  abstract change(by: string, at: Instant, edit: (rules: readonly Rule[]) => RuleEdit): Promise<void>;
}
