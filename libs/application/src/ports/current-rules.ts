import type { RuleHistory } from '#domain';

/** The rules over time, as this process knows them now. */
export abstract class CurrentRules {
  abstract history(): RuleHistory;
}
