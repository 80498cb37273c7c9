import type { DataSource } from 'typeorm';
import { type EventRow } from './event-rows.js';
import { GENESIS, nextHash } from './ledger.js';

export type LedgerVerdict = {
  readonly intact: boolean;
  readonly entries: number;
  readonly events: number;
  /** Where the first break of each broken chain is, as a sentence. */
  readonly breaks: readonly string[];
};

type Entry = { chain: string; seq: string; previous: Buffer; hash: Buffer; event_ids: string[] };

const PAGE = 200;

/** Hashes the whole audit trail again, chain by chain, and compares it with the ledger. */
export async function verifyLedger(dataSource: DataSource): Promise<LedgerVerdict> {
  const heads = (await dataSource.query('SELECT chain, seq, hash FROM ledger_head ORDER BY chain')) as Entry[];
  const verdicts: Awaited<ReturnType<typeof verifyChain>>[] = [];
  for (const head of heads) verdicts.push(await verifyChain(dataSource, head));
  const breaks = verdicts.flatMap((verdict) => verdict.broken ?? []);
  const sum = (pick: 'entries' | 'events') => verdicts.reduce((total, verdict) => total + verdict[pick], 0);
  return { intact: breaks.length === 0, entries: sum('entries'), events: sum('events'), breaks };
}

async function verifyChain(
  dataSource: DataSource,
  head: Entry,
): Promise<{ entries: number; events: number; broken: string | null }> {
  let previous: Buffer = GENESIS;
  let seq = 0n;
  let events = 0;
  for (;;) {
    const page = (await dataSource.query('SELECT * FROM ledger WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3', [
      head.chain,
      String(seq),
      PAGE,
    ])) as Entry[];
    const rows = await loadRows(dataSource, page);
    for (const entry of page) {
      const broken = breakOf(entry, previous, seq, rows);
      if (broken !== null) return { entries: Number(seq), events, broken };
      previous = entry.hash;
      seq += 1n;
      events += entry.event_ids.length;
    }
    if (page.length < PAGE) break;
  }
  const isWhole = BigInt(head.seq) === seq && head.hash.equals(previous);
  const broken = isWhole
    ? null
    : `Chain ${head.chain} ends at entry ${seq}, but its head says ${head.seq}: entries were removed.`;
  return { entries: Number(seq), events, broken };
}

async function loadRows(dataSource: DataSource, page: readonly Entry[]): Promise<Map<string, EventRow>> {
  const ids = page.flatMap(({ event_ids }) => event_ids);
  const rows = (await dataSource.query('SELECT * FROM event WHERE id = ANY($1::uuid[])', [ids])) as EventRow[];
  return new Map(rows.map((row) => [row.id, row]));
}

function breakOf(entry: Entry, previous: Buffer, seq: bigint, rows: ReadonlyMap<string, EventRow>): string | null {
  const name = `Chain ${entry.chain}, entry ${entry.seq}`;
  if (BigInt(entry.seq) !== seq + 1n) return `${name}: entry ${seq + 1n} is missing before it.`;
  if (!entry.previous.equals(previous)) return `${name} does not follow the entry before it.`;
  const events = entry.event_ids.map((id) => rows.get(id));
  const missing = entry.event_ids.filter((id) => !rows.has(id));
  if (missing.length > 0) return `${name}: event ${missing[0]} is missing.`;
  const hash = nextHash(
    previous,
    events.filter((row) => row !== undefined),
  );
  return hash.equals(entry.hash)
    ? null
    : `${name}: one of its ${events.length} events was changed after it was recorded.`;
}
