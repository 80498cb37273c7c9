import type { DataSource } from 'typeorm';
import { withDatabase } from './database-unavailable.js';

/** The work lists that lease their rows to whoever claims them; each has registry, next_at and lease_until. */
export type WorkList = 'enforcement' | 'vault_fetch' | 'observation' | 'sweep' | 'sweep_repository' | 'canary';

/** When the list's next row of these registries will be due, in milliseconds from now; null when there is none. */
export function nextDueInMs(
  dataSource: DataSource,
  list: WorkList,
  registries: readonly string[],
): Promise<number | null> {
  return withDatabase(async () => {
    const [row] = (await dataSource.query(
      `SELECT extract(epoch FROM min(greatest(next_at, lease_until)) - now()) * 1000 AS ms FROM ${list} WHERE registry = ANY($1)`,
      [registries],
    )) as { ms: string | null }[];
    return row?.ms == null ? null : Math.max(0, Number(row.ms));
  });
}
