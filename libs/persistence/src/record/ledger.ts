import { createHash } from 'node:crypto';
import type { TransactionalQuery } from '#application';
import { CHANNELS } from './channels.js';
import { type EventRow, hashOfRow } from './event-rows.js';

export type LedgerHead = { readonly seq: bigint; readonly hash: Buffer };

/** What the first entry of every chain follows. */
export const GENESIS = Buffer.alloc(32);

/** Locks the chain's head until the transaction ends, so that a chain has one writer at a time. */
export async function lockLedgerHead(query: TransactionalQuery, chain: string): Promise<LedgerHead> {
  const select = 'SELECT seq, hash FROM ledger_head WHERE chain = $1 FOR UPDATE';
  let rows = (await query(select, [chain])) as { seq: string; hash: Buffer }[];
  if (rows.length === 0) {
    await query('INSERT INTO ledger_head (chain, seq, hash) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING', [
      chain,
      GENESIS,
    ]);
    rows = (await query(select, [chain])) as { seq: string; hash: Buffer }[];
  }
  const [head] = rows;
  if (!head) throw new Error(`The ledger chain ${chain} has no head.`);
  return { seq: BigInt(head.seq), hash: head.hash };
}

/** Binds the rows, ordered by id, to all that came before them on the chain. */
export function nextHash(previous: Buffer, rows: readonly EventRow[]): Buffer {
  const hash = createHash('sha256').update(previous);
  for (const row of rows) hash.update(hashOfRow(row));
  return hash.digest();
}

/** Appends the rows as the chain's next entry, and wakes whoever follows the record. */
export async function appendToLedger(
  query: TransactionalQuery,
  chain: string,
  head: LedgerHead,
  inserted: readonly EventRow[],
): Promise<void> {
  const rows = [...inserted].sort((a, b) => (a.id < b.id ? -1 : 1));
  const next = { seq: head.seq + 1n, hash: nextHash(head.hash, rows) };
  await query(
    `WITH entry AS (INSERT INTO ledger (chain, seq, previous, hash, event_ids, recorded_at) VALUES ($1, $2, $3, $4, $5::uuid[], now())),
       head AS (UPDATE ledger_head SET seq = $2, hash = $4 WHERE chain = $1)
     SELECT pg_notify($6, $1 || ' ' || $2::bigint)`,
    [chain, String(next.seq), head.hash, next.hash, rows.map(({ id }) => id), CHANNELS.recorded],
  );
}
