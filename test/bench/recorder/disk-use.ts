import { withClient } from '../bench-postgres.js';

/** Bytes an event of each table with its indexes, the largest first; what holds less than one byte an event is left out. */
export function measureDiskUse(url: string, events: number): Promise<{ table: string; bytes: number }[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ table: string; bytes: string }>(
      `SELECT relname AS table, pg_total_relation_size(oid) AS bytes FROM pg_class
       WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
    );
    return rows
      .map(({ table, bytes }) => ({ table, bytes: Number(bytes) / events }))
      .filter(({ bytes }) => bytes >= 1)
      .sort((a, b) => b.bytes - a.bytes);
  });
}

/** What PostgreSQL itself holds of a recorded event, to see that all of it was recorded. */
export function countEvents(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ count: string }>("SELECT count(*) FROM event WHERE source = 'distribution'");
    return Number(rows[0]?.count);
  });
}
