/** A line of the table. What does not apply is left out. */
export type Figure = {
  readonly name: string;
  readonly n: number;
  readonly median?: string;
  readonly p95?: string;
  readonly rate?: string;
  /** Against the floor, which has none. */
  readonly ratio?: string;
  readonly aim?: string;
};

export type Findings = {
  readonly figures: readonly Figure[];
  /** Sentences that say what was measured, and what does not fit into the table. */
  readonly notes: readonly string[];
};

const COLUMNS = ['figure', 'n', 'median', 'p95', 'rate', 'against its floor', 'aim'];

export function markdownOf(machine: string, findings: readonly Findings[]): string {
  const rows = findings
    .flatMap(({ figures }) => figures)
    .map(({ name, n, median, p95, rate, ratio, aim }) => [
      name,
      n.toLocaleString('en'),
      ...[median, p95, rate, ratio, aim].map((cell) => cell ?? ''),
    ]);
  const notes = findings.flatMap((found) => found.notes).map((note) => `- ${note}`);
  const table = [COLUMNS, COLUMNS.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [machine, '', ...table, '', ...notes, ''].join('\n');
}

export const aimed = (aim: string, isMet: boolean): string => `${aim}: ${isMet ? 'met' : '**not met**'}`;
export const milliseconds = (ms: number): string => `${ms.toFixed(ms < 10 ? 2 : 1)} ms`;
export const perSecond = (rate: number): string => `${Math.round(rate).toLocaleString('en')}/s`;
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;
