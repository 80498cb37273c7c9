import { assertUnreachable } from '../assert-unreachable.js';
import { expandDoublestar, type GlobToken } from './doublestar-expansion.js';
import type { CodePointRange } from './doublestar-syntax.js';

/** The form of a kind of name, as a machine that reads it character by character, from state 0. Lengths are not looked at. */
export type NameGrammar = {
  readonly noun: string;
  /** The characters that such a name can have. */
  readonly alphabet: string;
  /** The state after a character of the alphabet; null where no name goes on so. */
  readonly next: (state: number, char: string) => number | null;
  /** The state in which a name is whole. */
  readonly whole: number;
};

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ALPHANUMERIC = `${LOWER}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;
const isSeparator = (char: string): boolean => '._-'.includes(char);

const START = 0;
const INSIDE = 1;
const AFTER_SEPARATOR = 2;

/** A word begins and ends with a letter or digit. */
const afterWordCharacter = (state: number, char: string): number | null => {
  if (!isSeparator(char)) return INSIDE;
  return state === START ? null : AFTER_SEPARATOR;
};

/** What `parseRegistryName` takes. */
export const REGISTRY_GRAMMAR: NameGrammar = {
  noun: 'registry name',
  alphabet: `${LOWER}._-`,
  next: afterWordCharacter,
  whole: INSIDE,
};

/** What `parseRepositoryName` takes. */
export const REPOSITORY_GRAMMAR: NameGrammar = {
  noun: 'repository',
  alphabet: `${ALPHANUMERIC}._-/`,
  next: (state, char) => {
    if (char !== '/') return afterWordCharacter(state, char);
    return state === INSIDE ? START : null;
  },
  whole: INSIDE,
};

/** What `parseTagName` takes. */
export const TAG_GRAMMAR: NameGrammar = {
  noun: 'tag',
  alphabet: `${ALPHANUMERIC}._-`,
  next: (state, char) => (state === START && '.-'.includes(char) ? null : INSIDE),
  whole: INSIDE,
};

/**
 * Whether a doublestar pattern matches any name of the grammar. Exact but for names' lengths, so "no" is certain. Throws
 * `PatternMalformedError`.
 */
export function canMatchName(pattern: string, grammar: NameGrammar): boolean {
  const whole = stateSet(grammar.whole);
  return expandDoublestar(pattern, 'kept').some((tokens) => (readAll(stateSet(START), tokens, grammar) & whole) !== 0);
}

/** Sets of states are bits of a number. */
const stateSet = (state: number): number => 1 << state;
const STATES = [START, INSIDE, AFTER_SEPARATOR];

const readAll = (states: number, tokens: readonly GlobToken[], grammar: NameGrammar): number =>
  tokens.reduce((reached, token) => read(reached, token, grammar), states);

/** The states that the machine can be in after some text that the token matches. */
function read(states: number, token: GlobToken, grammar: NameGrammar): number {
  const one = (from: number, isMatch: (char: string) => boolean): number => readOne(from, isMatch, grammar);
  switch (token.type) {
    case 'literal':
      return one(states, (char) => char === token.char);
    case 'any':
      return one(states, isNoSlash);
    case 'class':
      return one(states, (char) => isNoSlash(char) && isInClass(char, token));
    case 'group':
      return token.alternatives.reduce((reached, tokens) => reached | readAll(states, tokens, grammar), 0);
    case 'segment':
      return repeated(states, (from) => one(from, isNoSlash));
    case 'directories': {
      const segment = (from: number) => repeated(from, (inner) => one(inner, isNoSlash));
      return repeated(states, (from) => one(segment(from), (char) => char === '/'));
    }
    case 'everything':
      return repeated(states, (from) => one(from, () => true));
    default:
      return assertUnreachable(token);
  }
}

const isNoSlash = (char: string): boolean => char !== '/';

function readOne(states: number, isMatch: (char: string) => boolean, { alphabet, next }: NameGrammar): number {
  let reached = 0;
  for (const char of alphabet) {
    if (!isMatch(char)) continue;
    for (const state of STATES) {
      const after = (states & stateSet(state)) === 0 ? null : next(state, char);
      if (after !== null) reached |= stateSet(after);
    }
  }
  return reached;
}

function repeated(states: number, step: (from: number) => number): number {
  const reached = states | step(states);
  return reached === states ? states : repeated(reached, step);
}

/** Whether a character is one of the class. */
export function isInClass(
  char: string,
  { negated, ranges }: { readonly negated: boolean; readonly ranges: readonly CodePointRange[] },
): boolean {
  const codePoint = char.codePointAt(0) ?? 0;
  return ranges.some(([low, high]) => low <= codePoint && codePoint <= high) !== negated;
}
