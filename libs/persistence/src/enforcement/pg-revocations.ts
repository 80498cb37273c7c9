import type { DataSource } from 'typeorm';
import {
  DigestAlreadyRevokedError,
  type RevocationDeed,
  Revocations,
  RevocationUnknownError,
  type TransactionalQuery,
} from '#application';
import { encodeCursor, type Page, type RevocationsQuery, type RevocationView } from '#contracts';
import type { Digest, Instant, TagRef } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { cutPage, Selection } from '../queries/selection.js';
import { queryOf } from '../record/pg-record-store.js';
import { appendServiceEvents } from '../record/service-events.js';
import { queueEnforcement } from '../record/work-rows.js';

type RevocationRow = { digest: string; reason: string; revoked_by: string; revoked_at: Instant };

export class PgRevocations extends Revocations {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override list({ limit, cursor }: RevocationsQuery): Promise<Page<RevocationView>> {
    const selection = new Selection().beyond(['revoked_at', 'digest'], '<', cursor);
    const sql = `SELECT * FROM revoked_digest ${selection} ORDER BY revoked_at DESC, digest DESC LIMIT ${selection.bind(limit + 1)}`;
    return withDatabase(async () => {
      const rows = (await this.dataSource.query(sql, selection.values)) as RevocationRow[];
      return cutPage(rows, limit, revocationOfRow, (row) => encodeCursor([row.revoked_at, row.digest]));
    });
  }

  override revoke(deed: RevocationDeed): Promise<RevocationView> {
    return this.transaction(async (query) => {
      const rows = (await query(
        `INSERT INTO revoked_digest (digest, reason, revoked_by, revoked_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING RETURNING *`,
        [deed.digest, deed.reason, deed.by, deed.at],
      )) as RevocationRow[];
      const [row] = rows;
      if (!row) throw new DigestAlreadyRevokedError(deed.digest);
      await writeDown(query, 'digestRevoked', deed);
      return revocationOfRow(row);
    });
  }

  override reinstate(deed: RevocationDeed): Promise<RevocationView> {
    return this.transaction(async (query) => {
      const [rows] = (await query('DELETE FROM revoked_digest WHERE digest = $1 RETURNING *', [deed.digest])) as [
        RevocationRow[],
        number,
      ];
      const [row] = rows;
      if (!row) throw new RevocationUnknownError(deed.digest);
      await queueEnforcement(query, await findRefused(query, deed.digest));
      await writeDown(query, 'digestReinstated', deed);
      return revocationOfRow(row);
    });
  }

  private transaction<T>(work: (query: TransactionalQuery) => Promise<T>): Promise<T> {
    return withDatabase(() => this.dataSource.transaction((manager) => work(queryOf(manager))));
  }
}

/** Tags with open violations whose seal is the digest, or lists it. */
async function findRefused(query: TransactionalQuery, digest: Digest): Promise<{ tagId: string; ref: TagRef }[]> {
  const rows = await query(
    `WITH RECURSIVE lists (digest) AS (
       SELECT $1::text
       UNION SELECT m.digest FROM lists JOIN manifest m ON m.children @> ARRAY[lists.digest])
     SELECT DISTINCT tag_id, registry, repository, tag FROM violation
     WHERE state IN ('detected', 'restoring', 'failed') AND mode = 'enforce' AND sealed_digest IN (SELECT digest FROM lists)`,
    [digest],
  );
  return (rows as (TagRef & { tag_id: string })[]).map(({ tag_id, registry, repository, tag }) => ({
    tagId: tag_id,
    ref: { registry, repository, tag },
  }));
}

const writeDown = (
  query: TransactionalQuery,
  type: string,
  { digest, reason, by, at }: RevocationDeed,
): Promise<void> =>
  appendServiceEvents(query, [
    {
      ...{ type, registry: null, repository: null, tag: null, digest },
      ...{ actor: by, source: 'api', at },
      detail: { reason },
    },
  ]);

const revocationOfRow = (row: RevocationRow): RevocationView => ({
  digest: row.digest,
  reason: row.reason,
  revokedBy: row.revoked_by,
  revokedAt: row.revoked_at,
});
