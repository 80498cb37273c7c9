import type { z } from 'zod';

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text; put it in quotes if YAML takes it for something else',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys',
};

/** What a schema finds wrong, as a sentence; never with the value, which may be a secret. */
export function sentenceOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'This key is missing.';
      return `It must be ${EXPECTED[issue.expected] ?? issue.expected}.`;
    case 'invalid_value':
      if (issue.input === undefined) return `This key is missing: one of ${issue.values.join(', ')}.`;
      return `It must be one of ${issue.values.join(', ')}.`;
    case 'too_small':
      return `It must ${bound('at least', issue.minimum, issue.origin)}.`;
    case 'too_big':
      return `It must ${bound('at most', issue.maximum, issue.origin)}.`;
    default:
      return undefined;
  }
}

function bound(limit: string, count: number | bigint, origin: string): string {
  if (origin === 'string') return count === 1 ? 'not be empty' : `have ${limit} ${count} characters`;
  if (origin === 'array') return count === 1 ? 'not be empty' : `have ${limit} ${count} items`;
  return `be ${limit} ${count}`;
}
