import type { Writable } from 'node:stream';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

const CODES: Readonly<Record<Style, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

/** What the person sees. Coloured only on a terminal, and not where NO_COLOR is set (https://no-color.org). */
export class Terminal {
  private steps = 0;
  private readonly isColoured: boolean;

  constructor(
    private readonly output: Writable & { readonly isTTY?: boolean },
    env: NodeJS.ProcessEnv = process.env,
  ) {
    this.isColoured = output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  }

  write(text: string): void {
    // The end has things to say also to a terminal that was closed.
    if (this.output.writable) this.output.write(text);
  }

  title(text: string): void {
    this.write(`\n${this.style('bold', text)}\n`);
  }

  /** The next chapter, numbered. */
  step(text: string): void {
    this.steps += 1;
    this.write(`\n${this.style('cyan', String(this.steps))}  ${this.style('bold', text)}\n`);
  }

  say(text: string): void {
    this.write(`   ${text}\n`);
  }

  aside(text: string): void {
    this.say(this.style('dim', text));
  }

  done(text: string): void {
    this.say(`${this.style('green', '✓')} ${text}`);
  }

  attack(text: string): void {
    this.say(`${this.style('yellow', '!')} ${text}`);
  }

  failed(text: string): void {
    this.write(`\n   ${this.style('red', '✗')} ${text}\n`);
  }

  /** Columns as wide as their widest cell. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    const [first = '', ...others] = aligned([head, ...rows]);
    this.aside(first);
    for (const line of others) this.say(line);
  }

  list(rows: readonly (readonly string[])[]): void {
    for (const line of aligned(rows)) this.say(line);
  }

  private style(style: Style, text: string): string {
    return this.isColoured ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
  }
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widthOf(column)))
      .join('  ')
      .trimEnd(),
  );
}

export const formatMs = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

/** Enough of a digest to tell it from the others on the screen. */
export const short = (digest: string): string => digest.slice(0, 'sha256:'.length + 8);
