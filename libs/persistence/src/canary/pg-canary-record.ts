import type { DataSource } from 'typeorm';
import { CanaryRecord } from '#application';
import type { Digest, TagRef, ViolationState } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { tagIdOf } from '../record/tag-rows.js';

const FIND_SEAL = `
SELECT t.seal_digest AS digest, EXISTS (SELECT FROM manifest m WHERE m.digest = t.seal_digest) AND NOT EXISTS (
  SELECT FROM vault_fetch f WHERE f.registry = t.registry AND f.repository = t.repository AND f.digest = t.seal_digest) AS "isKept"
FROM tag t WHERE t.id = $1 AND t.seal_digest IS NOT NULL`;

const FIND_VIOLATION = `
SELECT state, failure FROM violation WHERE tag_id = $1 AND found_digest = $2 ORDER BY detected_at DESC, id LIMIT 1`;

/** What the record says of a canary's tag. */
export class PgCanaryRecord extends CanaryRecord {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override findSeal(ref: TagRef): Promise<{ digest: Digest; isKept: boolean } | null> {
    return this.findOne(FIND_SEAL, [tagIdOf(ref)]);
  }

  override findViolation(
    ref: TagRef,
    foundDigest: Digest,
  ): Promise<{ state: ViolationState; failure: string | null } | null> {
    return this.findOne(FIND_VIOLATION, [tagIdOf(ref), foundDigest]);
  }

  private findOne<Row>(sql: string, values: unknown[]): Promise<Row | null> {
    return withDatabase(async () => ((await this.dataSource.query(sql, values)) as Row[])[0] ?? null);
  }
}
