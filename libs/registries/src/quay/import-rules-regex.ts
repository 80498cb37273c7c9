/** What Python's `re` and RE2 both take, and understand differently; looked for in a pattern without its escapes. */
const DIFFERENT: readonly (readonly [syntax: RegExp, message: string])[] = [
  [/\{,\d+\}/, 'A repetition without a lower bound is plain text in RE2. Write {0,n}.'],
  [/\[:\^?\w+:\]/, 'Names of character classes, as [:alpha:], mean something else in RE2. List the characters.'],
  [
    /.\(\?[a-zA-Z-]+\)/s,
    'Flags that begin inside a regex hold for all of it in Python, and for the rest of it in RE2.',
  ],
];

const ESCAPES = /\\./gs;

/** Why the pattern would not mean in RE2 what it means in Python, Quay's language; null where only RE2 itself may object. */
export function foreignSyntax(pattern: string): string | null {
  const escapes = pattern.match(ESCAPES) ?? [];
  const isReference = escapes.some((escaped) => /[1-9]/.test(escaped));
  const plain = pattern.replace(ESCAPES, '__');
  const message = isReference
    ? 'RE2 has no backreferences. Write out what is meant.'
    : DIFFERENT.find(([syntax]) => syntax.test(plain))?.[1];
  return message === undefined ? null : `Pattern ${JSON.stringify(pattern.slice(0, 200))}: ${message}`;
}

/** Whether a match of the tag's beginning is one of the whole tag, as far as that can be told from the end of the regex. */
export function matchesWholeTagEitherWay(pattern: string): boolean {
  const plain = pattern.replace(ESCAPES, '__');
  return !plain.includes('|') && /(?:\$|\.[*+])$/.test(plain);
}
