import { RE2JS, RE2JSSyntaxException } from 're2js';
import { type Pattern, PatternMalformedError, refuseOverlongPattern } from './pattern.js';

/** `search` finds the regex anywhere in the tag (GitLab, Docker Hub); `full` wants the whole tag (Quay). */
export type Anchoring = 'search' | 'full';

/** Compiles RE2 syntax: no lookaround, no backreferences, linear time. Throws `PatternMalformedError`. */
export function compileRegex(pattern: string, anchoring: Anchoring): Pattern {
  refuseOverlongPattern(pattern);
  const regex = compile(pattern);
  return {
    source: pattern,
    matches: anchoring === 'full' ? (text) => regex.testExact(text) : (text) => regex.test(text),
  };
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) {
      throw new PatternMalformedError(pattern, 0, 'The regex cannot be compiled. Simplify it.');
    }
    throw new PatternMalformedError(pattern, positionOf(pattern, error), sentenceOf(error));
  }
}

const SENTENCES: Readonly<Record<string, string>> = {
  'missing closing )': 'This "(" is never closed. Close it with ")", or write "\\(" for the character itself.',
  'unexpected )': 'This ")" closes nothing. Remove it, or write "\\)" for the character itself.',
  'missing closing ]': 'This "[" is never closed. Close it with "]", or write "\\[" for the character itself.',
  'trailing backslash at end of expression': 'The regex ends in a backslash. Write "\\\\" for the character itself.',
  'missing argument to repetition operator':
    'There is nothing here to repeat. Tag regexes are no globs: "any" is ".*".',
  'invalid nested repetition operator': 'A repetition cannot be repeated. Remove one of the operators.',
  'invalid repeat count': 'This repeat count is not possible: the most is 1000, nested counts multiplied.',
  'invalid character class range': 'There is no such character class or range.',
  'invalid escape sequence': 'RE2 has no such escape; backreferences like "\\1" neither.',
  'invalid or unsupported Perl syntax': 'RE2 has no lookahead or lookbehind. Say it with excludingRegex instead.',
  'invalid named capture': 'This is no named group, and RE2 has no lookbehind. A plain "(…)" will do.',
  'duplicate capture group name': 'Two groups have this name. A plain "(…)" will do.',
};

function sentenceOf(error: RE2JSSyntaxException): string {
  return SENTENCES[error.getDescription()] ?? `The regex is not valid RE2: ${error.getDescription()}.`;
}

/** Attempts at finding a position: each is a compilation, and a hostile regex offers a thousand. */
const MAX_PROBES = 64;

/**
 * RE2JS tells the piece that is wrong, not where it is, and of parentheses nothing. But it reads from left to right: what
 * is wrong is the first place up to which the regex alone fails in the same way.
 */
function positionOf(pattern: string, error: RE2JSSyntaxException): number {
  switch (error.getDescription()) {
    case 'trailing backslash at end of expression':
      return pattern.length - 1;
    case 'missing closing ]':
      return pattern.length - (error.getPattern()?.length ?? 0);
    case 'missing closing )':
      return occurrences(pattern, '(').findLast((at) => failureOf(pattern.slice(0, at)) === null) ?? 0;
    case 'unexpected )':
      return firstFailing(pattern, ')', (failure) => failure.getDescription() === error.getDescription());
    default:
      return firstFailing(
        pattern,
        error.getPattern() ?? '',
        (failure) => failure.getDescription() === error.getDescription() && failure.getPattern() === error.getPattern(),
      );
  }
}

function firstFailing(pattern: string, piece: string, isSame: (failure: RE2JSSyntaxException) => boolean): number {
  const places = occurrences(pattern, piece);
  const found = places.find((at) => {
    const failure = failureOf(pattern.slice(0, at + piece.length));
    return failure !== null && isSame(failure);
  });
  return found ?? places[0] ?? 0;
}

function occurrences(pattern: string, piece: string): number[] {
  const places: number[] = [];
  if (piece === '') return places;
  for (let at = pattern.indexOf(piece); at >= 0 && places.length < MAX_PROBES; at = pattern.indexOf(piece, at + 1)) {
    places.push(at);
  }
  return places;
}

function failureOf(pattern: string): RE2JSSyntaxException | null {
  try {
    RE2JS.compile(pattern);
    return null;
  } catch (error) {
    return error instanceof RE2JSSyntaxException ? error : null;
  }
}
