import type { Page, WaiversQuery, WaiverView } from '#contracts';
import type { Instant, WaiverDefinition } from '#domain';

/** A waiver as it is kept. */
export type Waiver = {
  readonly id: string;
  readonly definition: WaiverDefinition;
  readonly reason: string;
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly startsAt: Instant;
  readonly expiresAt: Instant;
  readonly needsApproval: boolean;
  readonly approvedBy: string | null;
  readonly approvedAt: Instant | null;
  readonly revokedBy: string | null;
  readonly revokedAt: Instant | null;
  /** From when it permits; null while it waits for approval. */
  readonly liveFrom: Instant | null;
};

/** What a person did to a waiver, for the audit trail. */
export type WaiverDeed = {
  readonly type: 'waiverCreated' | 'waiverApproved' | 'waiverRevoked';
  readonly by: string;
  readonly at: Instant;
  readonly reason?: string | undefined;
};

/** Everything here rejects with a retriable error while the database cannot be reached. */
export abstract class WaiverKeeping {
  abstract add(waiver: Waiver, deed: WaiverDeed): Promise<void>;
  /** Changes a waiver with nobody else at it. What `edit` throws leaves it as it was. Throws `WAIVER_UNKNOWN`. */
  abstract change(id: string, deed: WaiverDeed, edit: (waiver: Waiver) => Waiver): Promise<void>;
}

export abstract class WaiverQueries {
  /** Newest first. */
  abstract list(query: WaiversQuery): Promise<Page<WaiverView>>;
  abstract find(id: string): Promise<WaiverView | null>;
}
