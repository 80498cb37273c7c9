import { DomainError } from '../domain-error.js';

/** One thing wrong with a rule. `path` is the place in the definition: `tags.matching[0]`. */
export type RuleProblem = {
  readonly path: string;
  /** null where it is not about a pattern. */
  readonly pattern: string | null;
  /** 0-based index into the pattern; null where it is not about a pattern. */
  readonly position: number | null;
  readonly message: string;
};

/** A rule that must not be saved. Every problem of it, in the order of the definition. */
export class RuleMalformedError extends DomainError {
  readonly problems: readonly RuleProblem[];

  constructor(rule: string, problems: readonly RuleProblem[]) {
    super('RULE_MALFORMED', `Rule ${JSON.stringify(rule.slice(0, 200))}: ${problems.map(sentenceOf).join(' ')}`);
    this.problems = problems;
  }
}

function sentenceOf({ path, pattern, position, message }: RuleProblem): string {
  if (pattern === null) return `${path}: ${message}`;
  return `${path}, pattern ${JSON.stringify(pattern.slice(0, 200))}, position ${position}: ${message}`;
}
