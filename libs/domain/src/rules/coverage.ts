import type { Instant } from '../instant.js';
import { formatTagRef, type TagRef } from '../names.js';
import type { CompiledRule } from './compile-rule.js';
import { type Protection, protectionOf, sameProtection } from './protection.js';
import { RecentAnswers } from './recent-answers.js';

/** All rules as they were from a moment on; null: since ever. */
export type RuleRevision = { readonly effectiveFrom: Instant | null; readonly rules: readonly CompiledRule[] };

/** A tag's protection from a moment on, until the next interval; null: since ever. */
export type CoverageInterval = { readonly from: Instant | null; readonly protection: Protection | null };

/** The rules over time. Immutable, but for the answers it remembers. */
export class RuleHistory {
  private readonly revisions: readonly RuleRevision[];
  private readonly remembered: RecentAnswers<readonly CoverageInterval[]>;

  /** Revisions in any order; of several of one time the last given counts. Remembers about `capacity` tags' answers. */
  constructor(revisions: readonly RuleRevision[], options: { readonly capacity?: number } = {}) {
    this.revisions = [...revisions].sort((a, b) => compare(a.effectiveFrom, b.effectiveFrom));
    this.remembered = new RecentAnswers<readonly CoverageInterval[]>(options.capacity ?? 100_000);
  }

  /** The tag's protection over time, oldest first, the first from null, neighbours different. The same list every time. */
  coverageOf(ref: TagRef): readonly CoverageInterval[] {
    const key = formatTagRef(ref);
    const known = this.remembered.get(key);
    if (known) return known;
    const coverage = this.compute(ref);
    this.remembered.set(key, coverage);
    return coverage;
  }

  /** The rules in force at that time. */
  rulesAt(at: Instant): readonly CompiledRule[] {
    return this.revisions.findLast(({ effectiveFrom }) => compare(effectiveFrom, at) <= 0)?.rules ?? [];
  }

  private compute(ref: TagRef): readonly CoverageInterval[] {
    const intervals: CoverageInterval[] = [{ from: null, protection: null }];
    for (const { effectiveFrom, rules } of this.revisions) {
      if (intervals.at(-1)?.from === effectiveFrom) intervals.pop();
      const protection = protectionOf(rules, ref);
      const before = intervals.at(-1);
      if (!before || !sameProtection(before.protection, protection))
        intervals.push({ from: effectiveFrom, protection });
    }
    return intervals;
  }
}

function compare(a: Instant | null, b: Instant | null): number {
  if (a === b) return 0;
  if (a === null) return -1;
  return b === null || a > b ? 1 : -1;
}
