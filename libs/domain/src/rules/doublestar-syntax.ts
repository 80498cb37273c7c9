import { PatternMalformedError } from './pattern.js';

/** An inclusive range of code points. */
export type CodePointRange = readonly [low: number, high: number];

export type GlobNode =
  | { readonly type: 'literal'; readonly char: string; readonly position: number }
  /** `?` */
  | { readonly type: 'any' }
  /** A run of `*`: two of them alone in a path component cross slashes. */
  | { readonly type: 'stars'; readonly count: number }
  | { readonly type: 'class'; readonly negated: boolean; readonly ranges: readonly CodePointRange[] }
  | { readonly type: 'group'; readonly alternatives: readonly (readonly GlobNode[])[]; readonly position: number };

/** Parses the language of doublestar v1.3.4. Throws `PatternMalformedError`. */
export function parseDoublestar(pattern: string): readonly GlobNode[] {
  return new Parser(pattern).parse();
}

class Parser {
  private position = 0;

  constructor(private readonly pattern: string) {}

  parse(): readonly GlobNode[] {
    return this.sequence(false);
  }

  private sequence(inGroup: boolean): GlobNode[] {
    const nodes: GlobNode[] = [];
    while (this.position < this.pattern.length) {
      if (inGroup && (this.peek() === ',' || this.peek() === '}')) break;
      nodes.push(this.node());
    }
    return nodes;
  }

  private node(): GlobNode {
    const position = this.position;
    switch (this.peek()) {
      case '*':
        return this.stars();
      case '[':
        return this.class();
      case '{':
        return this.group();
      case '?':
        this.take();
        return { type: 'any' };
      default:
        return { type: 'literal', char: this.takeUnescaped(), position };
    }
  }

  private stars(): GlobNode {
    const start = this.position;
    while (this.peek() === '*') this.take();
    return { type: 'stars', count: this.position - start };
  }

  private group(): GlobNode {
    const position = this.position;
    const alternatives: GlobNode[][] = [];
    do {
      this.take();
      alternatives.push(this.sequence(true));
    } while (this.peek() === ',');
    if (this.take() !== '}') {
      throw this.problem(
        position,
        'This "{" is never closed. Close it with "}", or write "\\{" for the character itself.',
      );
    }
    return { type: 'group', alternatives, position };
  }

  private class(): GlobNode {
    const start = this.position;
    this.take();
    const negated = this.peek() === '^';
    if (negated) this.take();
    const ranges: CodePointRange[] = [];
    while (this.peek() !== ']') {
      if (this.position >= this.pattern.length) {
        throw this.problem(
          start,
          'This "[" is never closed. Close it with "]", or write "\\[" for the character itself.',
        );
      }
      ranges.push(this.range());
    }
    if (ranges.length === 0) {
      throw this.problem(start, 'This character class is empty. Put a character in; "]" itself is written "\\]".');
    }
    this.take();
    return { type: 'class', negated, ranges };
  }

  private range(): CodePointRange {
    const start = this.position;
    const low = this.classCharacter();
    if (this.peek() !== '-') return [low, low];
    this.take();
    if (this.peek() === ']') {
      throw this.problem(this.position - 1, 'This range has no end. Write "\\-" for the character "-" itself.');
    }
    const high = this.classCharacter();
    if (high < low) throw this.problem(start, 'This range is the wrong way round: its start comes after its end.');
    return [low, high];
  }

  private classCharacter(): number {
    if (this.peek() === '-') {
      throw this.problem(this.position, 'A "-" here stands for itself. Write it "\\-".');
    }
    return this.takeUnescaped().codePointAt(0) ?? 0;
  }

  private takeUnescaped(): string {
    const position = this.position;
    const char = this.take();
    if (char !== '\\') return char;
    if (this.position >= this.pattern.length) {
      throw this.problem(position, 'The pattern ends in a backslash. Write "\\\\" for the character itself.');
    }
    return this.take();
  }

  private peek(): string {
    return this.pattern.charAt(this.position);
  }

  /** The next character, a surrogate pair as one; empty at the end. */
  private take(): string {
    const codePoint = this.pattern.codePointAt(this.position);
    if (codePoint === undefined) return '';
    const char = String.fromCodePoint(codePoint);
    this.position += char.length;
    return char;
  }

  private problem(position: number, message: string): PatternMalformedError {
    return new PatternMalformedError(this.pattern, position, message);
  }
}
