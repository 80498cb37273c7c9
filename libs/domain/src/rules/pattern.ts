import { DomainError } from '../domain-error.js';

/** A compiled pattern. Matching takes time linear in the text, whatever the pattern. */
export type Pattern = {
  /** As it was written. */
  readonly source: string;
  matches(text: string): boolean;
};

/** Where a pattern is wrong, and a sentence that says how. `position` is a 0-based index into the pattern. */
export type PatternProblem = { readonly pattern: string; readonly position: number; readonly message: string };

/** Longer than any tag or repository name a pattern could be after; it bounds the work that compiling can cause. */
export const MAX_PATTERN_LENGTH = 1024;

export class PatternMalformedError extends DomainError {
  readonly problem: PatternProblem;

  constructor(pattern: string, position: number, message: string) {
    super('PATTERN_MALFORMED', `Pattern ${JSON.stringify(pattern.slice(0, 200))}, position ${position}: ${message}`);
    this.problem = { pattern, position, message };
  }
}

export function refuseOverlongPattern(pattern: string): void {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw new PatternMalformedError(
      pattern,
      MAX_PATTERN_LENGTH,
      `The pattern has ${pattern.length} characters; at most ${MAX_PATTERN_LENGTH} are allowed. Split it into several.`,
    );
  }
}
