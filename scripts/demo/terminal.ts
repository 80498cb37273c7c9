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

  /** Columns as wide as their widest cell; the last one as long as it likes. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
    const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    this.aside(line(head).trimEnd());
    for (const row of rows) this.say(line(row).trimEnd());
  }

  private style(style: Style, text: string): string {
    return this.isColoured ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
  }
}

export const formatMs = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

/** Enough of a digest to tell it from the others on the screen. */
export const short = (digest: string): string => digest.slice(0, 'sha256:'.length + 8);
