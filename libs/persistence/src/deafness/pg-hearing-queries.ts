import type { DataSource } from 'typeorm';
import { type Deafness, HearingQueries } from '#application';
import { withDatabase } from '../database-unavailable.js';

export class PgHearingQueries extends HearingQueries {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override deaf(registries: readonly string[]): Promise<Map<string, Deafness>> {
    return withDatabase(async () => {
      const sql = 'SELECT registry, since, sentence FROM deaf_registry WHERE registry = ANY($1)';
      const rows = (await this.dataSource.query(sql, [registries])) as ({ registry: string } & Deafness)[];
      return new Map(rows.map(({ registry, ...deafness }) => [registry, deafness]));
    });
  }
}
