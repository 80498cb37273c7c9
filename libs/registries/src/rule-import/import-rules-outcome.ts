import {
  compileRule,
  PatternMalformedError,
  type PatternProblem,
  type RuleDefinition,
  RuleMalformedError,
} from '#domain';
import type { ImportRemark, RuleImport } from './import-rules-types.js';

const NOTHING: RuleImport = { rules: [], notExpressed: [], notes: [] };

/** The rule, or what keeps it from being one, said of the place in the settings that it comes from. */
export function expressed(path: string, rule: RuleDefinition, notes: readonly ImportRemark[] = []): RuleImport {
  try {
    compileRule(rule);
    return { ...NOTHING, rules: [rule], notes };
  } catch (error) {
    if (!(error instanceof RuleMalformedError)) throw error;
    return notExpressed(path, error.message);
  }
}

export const notExpressed = (path: string, message: string): RuleImport => ({
  ...NOTHING,
  notExpressed: [{ path, message }],
});

export const noted = (path: string, message: string): RuleImport => ({ ...NOTHING, notes: [{ path, message }] });

export const combined = (parts: readonly RuleImport[]): RuleImport => ({
  rules: parts.flatMap(({ rules }) => rules),
  notExpressed: parts.flatMap((part) => part.notExpressed),
  notes: parts.flatMap(({ notes }) => notes),
});

/** What compiling a pattern throws, as a sentence; null where it is sound. */
export function patternFault(compile: () => unknown): string | null {
  try {
    compile();
    return null;
  } catch (error) {
    if (!(error instanceof PatternMalformedError)) throw error;
    return sentenceOf(error.problem);
  }
}

const sentenceOf = ({ pattern, position, message }: PatternProblem): string =>
  `Pattern ${JSON.stringify(pattern.slice(0, 200))}, position ${position}: ${message}`;
