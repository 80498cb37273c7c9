/** More would only repeat what the first ones show. */
const MAX_SAMPLES = 32;

/**
 * Texts that a regex was written for: one for each of its alternatives, with every optional part in it, at most 32. Anchors count
 * as nothing. Empty where the regex uses more of RE2 than people write in tag rules (word boundaries too: who writes them has
 * thought of where a match begins). A sample is a guess, to be checked against the regex.
 */
export function samplesOf(regex: string): readonly string[] {
  try {
    return new Reader(regex).read();
  } catch (error) {
    if (error instanceof BeyondSampling) return [];
    throw error;
  }
}

class BeyondSampling extends Error {}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** What a sample takes from a class, best first: a letter shows that any word will do, so `[0-9a-f]` does not look like a version. */
const CANDIDATES = [...LETTERS, ...'1234567890', ...LETTERS.toUpperCase(), ...'-._'];
const CLASS_ESCAPES: Readonly<Record<string, RegExp>> = { d: /[0-9]/, D: /[^0-9]/, w: /\w/, W: /\W/, S: /\S/ };

type Candidate = (char: string) => boolean;

class Reader {
  private position = 0;

  constructor(private readonly regex: string) {}

  read(): readonly string[] {
    const samples = this.alternatives();
    if (this.position < this.regex.length) throw new BeyondSampling();
    return samples;
  }

  private alternatives(): string[] {
    const samples = this.sequence();
    while (this.takeIf('|')) samples.push(...this.sequence());
    return samples.slice(0, MAX_SAMPLES);
  }

  private sequence(): string[] {
    let samples = [''];
    while (this.position < this.regex.length && !this.isNext('|') && !this.isNext(')')) {
      const pieces = this.atom();
      const times = this.repetitions();
      samples = samples.flatMap((head) => pieces.map((piece) => head + piece.repeat(times))).slice(0, MAX_SAMPLES);
    }
    return samples;
  }

  private atom(): string[] {
    const char = this.take();
    switch (char) {
      case '^':
      case '$':
        return [''];
      case '.':
        // Alone between others it is mostly a dot that nobody escaped; repeated, it is anything.
        return [/[*+?{]/.test(this.peek()) ? 'x' : '.'];
      case '(':
        return this.group();
      case '[':
        return [firstOf(this.class())];
      case '\\':
        return [this.escape()];
      default:
        return [char];
    }
  }

  private group(): string[] {
    const [flags] = /^\?[imsU-]+\)/.exec(this.rest()) ?? [];
    if (flags !== undefined) {
      this.position += flags.length;
      return [''];
    }
    const [opening = ''] = /^\?(?:[imsU-]*:|P?<\w+>)/.exec(this.rest()) ?? [];
    if (opening === '' && this.isNext('?')) throw new BeyondSampling();
    this.position += opening.length;
    const samples = this.alternatives();
    if (!this.takeIf(')')) throw new BeyondSampling();
    return samples;
  }

  private escape(): string {
    const char = this.take();
    if (char === 'A' || char === 'z') return '';
    return firstOf(escaped(char));
  }

  private class(): Candidate {
    const isNegated = this.takeIf('^');
    const members: Candidate[] = [];
    do {
      members.push(this.member());
    } while (!this.takeIf(']'));
    return (char) => members.some((isMember) => isMember(char)) !== isNegated;
  }

  private member(): Candidate {
    const low = this.take();
    if (low === '\\') return escaped(this.take());
    if (low === '' || (low === '[' && this.isNext(':'))) throw new BeyondSampling();
    const [range, high = ''] = /^-([^\]\\])/.exec(this.rest()) ?? [];
    if (range === undefined) return (char) => char === low;
    this.position += range.length;
    return (char) => low <= char && char <= high;
  }

  /** Once at least, unless it is `{0}`. */
  private repetitions(): number {
    const [operator = '', count] = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(this.rest()) ?? [];
    this.position += operator.length;
    if (count === undefined || operator.startsWith('{0,')) return 1;
    if (Number(count) > 128) throw new BeyondSampling();
    return Number(count);
  }

  private rest(): string {
    return this.regex.slice(this.position);
  }

  private peek(): string {
    return this.regex.charAt(this.position);
  }

  private isNext(char: string): boolean {
    return this.peek() === char;
  }

  private take(): string {
    const char = this.peek();
    this.position += 1;
    return char;
  }

  private takeIf(char: string): boolean {
    const isNext = this.isNext(char);
    if (isNext) this.position += 1;
    return isNext;
  }
}

function firstOf(isCandidate: Candidate): string {
  const found = CANDIDATES.find(isCandidate);
  if (found === undefined) throw new BeyondSampling();
  return found;
}

function escaped(char: string): Candidate {
  const members = CLASS_ESCAPES[char];
  if (members) return (candidate) => members.test(candidate);
  if (char === '' || /\w/.test(char)) throw new BeyondSampling();
  return (candidate) => candidate === char;
}
