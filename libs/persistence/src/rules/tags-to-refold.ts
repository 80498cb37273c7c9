import type { DataSource } from 'typeorm';
import { type Instant, protectionOf, type RuleHistory, type TagRef } from '#domain';
import { withDatabase } from '../database-unavailable.js';

const PAGE = 1_000;

/** The tags that another rule covers than the one that sealed them, or none, or one for the first time. Page by page. */
export async function* findTagsToRefold(
  dataSource: DataSource,
  rules: RuleHistory,
  now: Instant,
): AsyncGenerator<TagRef[]> {
  const inForce = rules.rulesAt(now);
  for (let last = '00000000-0000-0000-0000-000000000000'; ; ) {
    const rows = (await withDatabase(() =>
      dataSource.query(
        'SELECT id, registry, repository, tag, seal_rule_id FROM tag WHERE (seal_digest IS NOT NULL OR digest IS NOT NULL) AND id > $1 ORDER BY id LIMIT $2',
        [last, PAGE],
      ),
    )) as (TagRef & { id: string; seal_rule_id: string | null })[];
    const stale = rows.filter((row) => (protectionOf(inForce, row)?.rule.id ?? null) !== row.seal_rule_id);
    if (stale.length > 0) yield stale.map(({ registry, repository, tag }) => ({ registry, repository, tag }));
    const end = rows.at(-1);
    if (end === undefined || rows.length < PAGE) return;
    last = end.id;
  }
}
