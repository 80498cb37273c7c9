import type pg from 'pg';

const CHUNK = 1000;

/** The first offset that some group still needs; a partition that no group reads goes by age alone. */
const WHAT_TO_TRIM = `SELECT p.topic, p.partition, t.retention_ms,
       least(p.next_offset, (SELECT min(s.next_offset) FROM bus_position s
                              WHERE s.topic = p.topic AND s.partition = p.partition)) AS needed_from
  FROM bus_partition p JOIN bus_topic t ON t.name = p.topic`;

// Looks at the oldest records only, however many there are: a filter on the age alone would read all that is too young.
const TRIM_CHUNK = `DELETE FROM bus_record r USING (
  SELECT max("offset") AS last FROM (
    SELECT "offset", published_at FROM bus_record
     WHERE topic = $1 AND partition = $2 AND "offset" < $3 ORDER BY "offset" LIMIT ${CHUNK}) oldest
   WHERE published_at < now() - $4 * interval '1 millisecond') w
 WHERE r.topic = $1 AND r.partition = $2 AND r."offset" <= w.last`;

type Trimmable = { topic: string; partition: number; retention_ms: string; needed_from: string };

/** Deletes what every group has consumed and what is older than its topic's retention, in small transactions. Answers how many. */
export async function trimRecords(pool: pg.Pool, shouldStop: () => boolean = () => false): Promise<number> {
  const { rows } = await pool.query<Trimmable>(WHAT_TO_TRIM);
  let total = 0;
  for (const { topic, partition, retention_ms, needed_from } of rows) {
    let deleted = CHUNK;
    while (deleted === CHUNK && !shouldStop()) {
      const result = await pool.query(TRIM_CHUNK, [topic, partition, needed_from, retention_ms]);
      deleted = result.rowCount ?? 0;
      total += deleted;
    }
  }
  return total;
}
