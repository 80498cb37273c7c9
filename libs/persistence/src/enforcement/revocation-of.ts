import type { TransactionalQuery } from '#application';
import type { Digest, Instant, Revocation } from '#domain';

/** The columns that `revocationOf(…, 'x')` adds, as `x_…`. */
export type RevocationColumns<Prefix extends string> = {
  readonly [Key in `${Prefix}_${'digest' | 'reason' | 'by'}`]: string | null;
} & { readonly [Key in `${Prefix}_at`]: Instant | null };

/**
 * A join, to be put after LEFT JOIN: the revocation of the digest in `column`, or of one that it lists as far as the vault knows. Its own
 * comes first.
 */
export const revocationOf = (column: string, prefix: string): string => `LATERAL (
  WITH RECURSIVE listed (digest) AS (
    SELECT ${column}
    UNION SELECT child FROM listed JOIN manifest m ON m.digest = listed.digest CROSS JOIN unnest(m.children) AS child)
  SELECT r.digest AS ${prefix}_digest, r.reason AS ${prefix}_reason, r.revoked_by AS ${prefix}_by, r.revoked_at AS ${prefix}_at
  FROM revoked_digest r WHERE r.digest IN (SELECT digest FROM listed) ORDER BY r.digest = ${column} DESC, r.digest LIMIT 1
) ${prefix} ON true`;

/** Whether any digest is revoked at all: rarely one is, and planning the join above takes longer than to ask. */
export const ANY_REVOKED = 'EXISTS (SELECT FROM revoked_digest) AS any_revoked';

export async function findRevocations(
  query: TransactionalQuery,
  digests: readonly string[],
): Promise<ReadonlyMap<string, Revocation>> {
  if (digests.length === 0) return new Map();
  const sql = `SELECT asked.digest, revoked.* FROM unnest($1::text[]) AS asked (digest) JOIN ${revocationOf('asked.digest', 'revoked')}`;
  const rows = (await query(sql, [digests])) as (RevocationColumns<'revoked'> & { digest: string })[];
  return new Map(
    rows.flatMap((row) => {
      const revocation = revocationOfRow(row, 'revoked');
      return revocation === null ? [] : [[row.digest, revocation]];
    }),
  );
}

export function revocationOfRow<Prefix extends string>(
  row: RevocationColumns<Prefix>,
  prefix: Prefix,
): Revocation | null {
  const column = (name: string) => (row as Readonly<Record<string, string | null>>)[`${prefix}_${name}`] ?? null;
  const [digest, reason, revokedBy, revokedAt] = ['digest', 'reason', 'by', 'at'].map(column);
  if (!digest || reason == null || revokedBy == null || !revokedAt) return null;
  return { digest: digest as Digest, reason, revokedBy, revokedAt: revokedAt as Instant };
}
