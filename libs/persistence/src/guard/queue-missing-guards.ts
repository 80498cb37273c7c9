import type { DataSource } from 'typeorm';
import { type Digest, type Instant, protectionOf, type RuleHistory, type TagRef, wantsGuard } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { queryOf } from '../record/pg-record-store.js';
import { queueGuards } from './queue-guards.js';

const PAGE = 1_000;

type UnguardedRow = TagRef & { readonly id: string; readonly digest: Digest };

const NEXT_UNGUARDED = `SELECT id, registry, repository, tag, seal_digest AS digest FROM tag t
WHERE seal_digest IS NOT NULL AND id > $1 AND NOT EXISTS (SELECT FROM guard g
  WHERE g.registry = t.registry AND g.repository = t.repository AND g.digest = t.seal_digest)
ORDER BY id LIMIT $2`;

/** Has brought into the guard repositories what was sealed before its rule asked for that. */
export async function queueMissingGuards(dataSource: DataSource, rules: RuleHistory, now: Instant): Promise<void> {
  const inForce = rules.rulesAt(now);
  if (!inForce.some(({ rule }) => rule.enabled && wantsGuard(rule))) return;
  for (let last = '00000000-0000-0000-0000-000000000000'; ; ) {
    const rows = await withDatabase(() => dataSource.query(NEXT_UNGUARDED, [last, PAGE]) as Promise<UnguardedRow[]>);
    const wanted = rows.filter((row) => protectionOf(inForce, row)?.guard === true);
    await withDatabase(() => dataSource.transaction((manager) => queueGuards(queryOf(manager), wanted)));
    const end = rows.at(-1);
    if (end === undefined || rows.length < PAGE) return;
    last = end.id;
  }
}
