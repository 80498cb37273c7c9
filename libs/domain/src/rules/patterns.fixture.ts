import fc from 'fast-check';
import { parseDoublestar } from './doublestar-syntax.js';
import { PatternMalformedError } from './pattern.js';

/** Few letters, so that patterns and names often meet. */
export const repositoryName = fc.stringMatching(
  /^[aB]{1,2}(?:[.-][a1]{1,2}){0,1}(?:\/[ab]{1,2}(?:[._-]{1,2}[ab]){0,1}){0,3}$/,
);
export const tagName = fc.oneof(
  fc.stringMatching(/^[av1_][av1.-]{0,4}$/),
  fc.stringMatching(/^sha256-[a1]{64}(?:\.sig)?$/),
  fc.constantFrom('latest', 'v1.2', 'v10', 'sha256-a'),
);

const piecesOf = (letters: readonly string[], slashes: readonly string[]) => {
  const plain = fc.constantFrom(...letters, ...letters, '*', '?', '[a1]', '[^a]', '[a-z]', ...slashes);
  const part = fc.array(plain, { maxLength: 2 }).map((parts) => parts.join(''));
  return fc.oneof(
    { weight: 6, arbitrary: plain },
    { weight: 1, arbitrary: fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `{${parts.join(',')}}`) },
  );
};
const patternOf = (letters: readonly string[], slashes: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(piecesOf(letters, slashes), { minLength: 1, maxLength: 6 })
    .map((pieces) => pieces.join(''))
    .filter(isSound);

export const repositoryPattern = patternOf(['a', 'b', 'B', '.', '-', ':', '@'], ['/', '/', '/', '**', '/**', '**/']);
export const tagPattern = fc.oneof(
  patternOf(['a', 'v', '1', '.', '-'], ['**']),
  fc.constantFrom('v*', 'v1*', '*', '**', 'latest', 'sha256-*', '{v*,sha256-*}', 'v1.2'),
);

function isSound(pattern: string): boolean {
  try {
    parseDoublestar(pattern);
    return true;
  } catch (error) {
    if (error instanceof PatternMalformedError) return false;
    throw error;
  }
}
