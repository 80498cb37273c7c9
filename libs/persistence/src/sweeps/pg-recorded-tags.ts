import type { DataSource } from 'typeorm';
import { type RecordedTag, RecordedTags } from '#application';
import type { RegistryName, RepositoryName, RepositoryRef, TagName } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { tagIdOf } from '../record/tag-rows.js';

/** Leaps from one repository to the next within the index, past their tags. */
const REPOSITORIES = `
WITH RECURSIVE leap (repository) AS (
  (SELECT repository FROM tag WHERE registry = $1 AND repository > $2 ORDER BY repository LIMIT 1)
  UNION ALL
  SELECT (SELECT t.repository FROM tag t WHERE t.registry = $1 AND t.repository > leap.repository ORDER BY t.repository LIMIT 1)
  FROM leap WHERE leap.repository IS NOT NULL)
SELECT repository FROM leap WHERE repository IS NOT NULL LIMIT $3`;

const COLUMNS = 'tag, digest, seal_digest IS NOT NULL AS "isSealed"';

/** The record's tags, page by page. */
export class PgRecordedTags extends RecordedTags {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override async repositories(registry: RegistryName, after: string, limit: number): Promise<RepositoryName[]> {
    const rows = await this.query<{ repository: RepositoryName }>(REPOSITORIES, [registry, after, limit]);
    return rows.map(({ repository }) => repository);
  }

  override bound({ registry, repository }: RepositoryRef, after: string, limit: number): Promise<RecordedTag[]> {
    return this.query(
      `SELECT ${COLUMNS} FROM tag WHERE registry = $1 AND repository = $2 AND tag > $3 AND digest IS NOT NULL ORDER BY tag LIMIT $4`,
      [registry, repository, after, limit],
    );
  }

  override find({ registry, repository }: RepositoryRef, tags: readonly TagName[]): Promise<RecordedTag[]> {
    return this.query(`SELECT ${COLUMNS} FROM tag WHERE id = ANY($1::uuid[])`, [
      tags.map((tag) => tagIdOf({ registry, repository, tag })),
    ]);
  }

  private query<Row>(sql: string, values: unknown[]): Promise<Row[]> {
    return withDatabase(() => this.dataSource.query(sql, values));
  }
}
