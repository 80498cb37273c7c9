import type { DataSource } from 'typeorm';
import { RuleSealingQueries } from '#application';
import type { Instant, TagRef } from '#domain';
import { withDatabase } from '../database-unavailable.js';

/** The first revision after the last one that has another definition of the rule, or none. */
const UNCHANGED_SINCE = `
WITH stored AS (
  SELECT id, effective_from, (SELECT rule FROM jsonb_array_elements(rules) AS rule WHERE rule->>'id' = $1) AS rule FROM rule_revision),
latest AS (SELECT rule FROM stored ORDER BY id DESC LIMIT 1)
SELECT s.effective_from FROM stored s
WHERE s.rule IS NOT NULL AND s.id > coalesce((SELECT max(o.id) FROM stored o, latest l WHERE o.rule IS DISTINCT FROM l.rule), 0)
ORDER BY s.id LIMIT 1`;

export class PgRuleSealingQueries extends RuleSealingQueries {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override async countSealed(ruleId: string): Promise<number> {
    const [row] = await this.query<{ count: string }>('SELECT count(*) AS count FROM tag WHERE seal_rule_id = $1', [
      ruleId,
    ]);
    return Number(row?.count ?? 0);
  }

  override waiting(registries: readonly string[], limit: number): Promise<TagRef[]> {
    return this.query('SELECT registry, repository, tag FROM observation WHERE registry = ANY($1) LIMIT $2', [
      registries,
      limit,
    ]);
  }

  override async unchangedSince(ruleId: string): Promise<Instant | null> {
    const [row] = await this.query<{ effective_from: Instant | null }>(UNCHANGED_SINCE, [ruleId]);
    return row?.effective_from ?? null;
  }

  private query<Row>(sql: string, values: unknown[]): Promise<Row[]> {
    return withDatabase(() => this.dataSource.query(sql, values));
  }
}
