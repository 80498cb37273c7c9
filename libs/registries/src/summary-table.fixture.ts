import { existsSync, readdirSync } from 'node:fs';
import type { RegistryAdapter } from './adapter.js';
import type { Proof } from './sender-proofs.fixture.js';

type Told = readonly [fixture: string, ...told: string[]];

/** One source of notifications: a kind may have more than one. */
export type Row = {
  readonly source: string;
  readonly adapter: RegistryAdapter;
  readonly options?: Readonly<Record<string, string>>;
  /** With a digest, or only a tag to look up. */
  readonly push: Told;
  /** Which deletions it tells of, and whether by tag or by manifest. A file that tells nothing is kept as rejected. None: it tells of no deletion. */
  readonly deletions: readonly Told[];
  /** Who did it, and from where, by the file's first event. */
  readonly actor: readonly [fixture: string, actor: string | null, claims?: object];
  readonly proof: Proof;
  /** The source's own id of the push; null: it has none, and a hash stands for it. */
  readonly id: string | null;
};

const isThere = (path: string): boolean => existsSync(new URL(path, import.meta.url));

/** The folders that have an adapter. */
export const findKinds = (): string[] =>
  readdirSync(new URL('.', import.meta.url)).filter((folder) => isThere(`${folder}/adapter.ts`));

/** What a kind's folder says of its sources; empty where it says nothing. */
export async function findRows(kind: string): Promise<readonly Row[]> {
  if (!isThere(`${kind}/summary.fixture.ts`)) return [];
  const { ROWS = [] }: { ROWS?: readonly Row[] } = await import(`./${kind}/summary.fixture.js`);
  return ROWS;
}

/** Throws where the table lacks the kind, or a folder's row is about another. */
export function assertSummarised(kind: string, rows: readonly Row[]): void {
  const file = `libs/registries/src/${kind}/summary.fixture.ts`;
  if (rows.length === 0) {
    throw new Error(
      `The kind "${kind}" has an adapter and no row in the summary table: write ${file}, ` +
        'and export ROWS from it, one for each source of notifications.',
    );
  }
  const stray = rows.find(({ adapter }) => adapter.kind !== kind);
  if (stray) {
    throw new Error(
      `${file} has a row of the kind "${stray.adapter.kind}", "${stray.source}": move it to that kind's own folder.`,
    );
  }
}
