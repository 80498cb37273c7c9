import type { Digest, Instant, TagRef, ViolationEnd, ViolationId, ViolationState } from '#domain';

/** A violation as a person finds it who wants to do something about it. */
export type ViolationInHand = {
  readonly id: ViolationId;
  readonly ref: TagRef;
  readonly state: ViolationState;
  readonly detectedAt: Instant;
  readonly foundDigest: Digest | null;
  readonly isAcknowledged: boolean;
  /** null while it stands. */
  readonly endedBy: ViolationEnd['by'] | null;
  /** What the tag points at by the record. */
  readonly current: { readonly digest: Digest | null; readonly mediaType: string | null };
};

/** What was done by a person, for the audit trail. */
export type Deed = {
  readonly type: 'restoreRequested' | 'violationAcknowledged';
  readonly by: string;
  readonly at: Instant;
  readonly detail?: Readonly<Record<string, unknown>>;
};

/** What can be done to a violation while it is held. Each is written to the audit trail, so do one only. */
export abstract class ViolationActions {
  /** Has the enforcer look at the tag now, whatever the mode and the breaker. */
  abstract enforceNow(deed: Deed): Promise<void>;
  abstract acknowledge(deed: Deed): Promise<void>;
}

export abstract class ViolationHandling {
  /** Runs `work` in one transaction with the violation locked. Throws `VIOLATION_UNKNOWN`. */
  abstract hold<T>(id: string, work: (violation: ViolationInHand, actions: ViolationActions) => Promise<T>): Promise<T>;
}
