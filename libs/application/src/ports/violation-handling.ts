import type {
  Digest,
  Instant,
  Revocation,
  TagRef,
  TagRuling,
  TagState,
  ViolationEnd,
  ViolationId,
  ViolationKind,
  ViolationState,
} from '#domain';

/** A violation as a person finds it who wants to do something about it. */
export type ViolationInHand = {
  readonly id: ViolationId;
  readonly ref: TagRef;
  readonly kind: ViolationKind;
  readonly state: ViolationState;
  readonly detectedAt: Instant;
  readonly sealedDigest: Digest;
  readonly foundDigest: Digest | null;
  readonly isAcknowledged: boolean;
  /** null while it stands. */
  readonly endedBy: ViolationEnd['by'] | null;
  /** What the tag points at by the record. */
  readonly current: { readonly digest: Digest | null; readonly mediaType: string | null };
  /** Of the sealed and of the found digest, or of what they list. */
  readonly revoked: { readonly sealed: Revocation | null; readonly found: Revocation | null };
  /** What the rules and waivers say of the tag now. */
  readonly ruling: TagRuling;
  readonly waiverUses: TagState['waiverUses'];
};

/** What was done by a person, for the audit trail. */
export type ViolationDeed = {
  readonly type: 'restoreRequested' | 'violationAcknowledged';
  readonly by: string;
  readonly at: Instant;
  readonly detail?: Readonly<Record<string, unknown>>;
};

/** What can be done to a violation while it is held. Each is written to the audit trail, so do one only. */
export abstract class ViolationActions {
  /** Has the enforcer look at the tag now, whatever the mode and the breaker. */
  abstract enforceNow(deed: ViolationDeed): Promise<void>;
  abstract acknowledge(deed: ViolationDeed): Promise<void>;
}

export abstract class ViolationHandling {
  /** Runs `work` in one transaction with the violation locked. Throws `VIOLATION_UNKNOWN`. */
  abstract hold<T>(id: string, work: (violation: ViolationInHand, actions: ViolationActions) => Promise<T>): Promise<T>;
}
