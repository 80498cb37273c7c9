import type { Instant, TagRef } from '#domain';

/** How far the sealing of a rule's tags has come. */
export abstract class RuleSealingQueries {
  /** Tags whose seal names the rule. */
  abstract countSealed(ruleId: string): Promise<number>;
  /** Tags of these registries that wait to be read, at most `limit`. */
  abstract waiting(registries: readonly string[], limit: number): Promise<TagRef[]>;
  /** Since when the rule is as it is now; null: since ever, or it is in no revision. */
  abstract unchangedSince(ruleId: string): Promise<Instant | null>;
}
