import type { Page, RevocationsQuery, RevocationView } from '#contracts';
import type { Digest, Instant } from '#domain';

export type RevocationDeed = {
  readonly digest: Digest;
  readonly reason: string;
  readonly by: string;
  readonly at: Instant;
};

/** The digests that are never put back. */
export abstract class Revocations {
  /** Newest first. */
  abstract list(query: RevocationsQuery): Promise<Page<RevocationView>>;
  /** Throws `DIGEST_ALREADY_REVOKED`. */
  abstract revoke(deed: RevocationDeed): Promise<RevocationView>;
  /** The digest may be put back again; tags that failed for it are looked at anew. Throws `REVOCATION_UNKNOWN`. */
  abstract reinstate(deed: RevocationDeed): Promise<RevocationView>;
}
