import type { DataSource } from 'typeorm';
import { CanaryQueries, type FinishedCanaryRun } from '#application';
import { withDatabase } from '../database-unavailable.js';

const LAST_RUNS = `
SELECT registry, last_at AS at, last_outcome AS outcome, last_detect AS "detectSeconds", last_restore AS "restoreSeconds",
  last_sentence AS sentence
FROM canary WHERE registry = ANY($1) AND last_at IS NOT NULL`;

export class PgCanaryQueries extends CanaryQueries {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override lastRuns(registries: readonly string[]): Promise<Map<string, FinishedCanaryRun>> {
    return withDatabase(async () => {
      const rows = (await this.dataSource.query(LAST_RUNS, [registries])) as ({
        registry: string;
      } & FinishedCanaryRun)[];
      return new Map(rows.map(({ registry, ...run }) => [registry, run]));
    });
  }
}
