import type { Instant } from './instant.js';
import type { Digest, RegistryName, RepositoryName, TagName } from './names.js';

export type ViolationId = string & { readonly __brand: 'ViolationId' };

/** What happened to the sealed tag. */
export type ViolationKind = 'overwrite' | 'deletion';

export const VIOLATION_STATES = [
  /** Known, and nothing done yet. */
  'detected',
  /** The enforcer is at it. */
  'restoring',
  /** The sealed digest was put back and has stood still. */
  'restored',
  /** It could not be put back; `failure` says why. Stays open. */
  'failed',
  /** The registry held the sealed digest when it was asked: nothing was written. */
  'selfHealed',
  /** The rule only audits: nothing is written. */
  'audited',
  /** A person made the found digest the seal. */
  'accepted',
  /** A waiver permitted it. */
  'waived',
  /** It no longer follows from the record, after a late event or a changed rule. */
  'withdrawn',
] as const;
export type ViolationState = (typeof VIOLATION_STATES)[number];

/** The audit event of entering a state. With `from`, `to` and `version` in their details they tell each violation's whole life. */
export const VIOLATION_STATE_EVENTS = {
  detected: 'violationDetected',
  restoring: 'restorationStarted',
  restored: 'restored',
  failed: 'restorationFailed',
  selfHealed: 'selfHealed',
  audited: 'violationAudited',
  accepted: 'violationAccepted',
  waived: 'violationWaived',
  withdrawn: 'violationWithdrawn',
} as const satisfies Readonly<Record<ViolationState, string>>;

/** One attempt to put the sealed digest back. */
export type Restoration = {
  readonly attempt: number;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly outcome: 'restored' | 'alreadyRight' | 'failed' | null;
  /** A sentence: what the registry said, which blobs are missing. */
  readonly reason: string | null;
  readonly missingBlobs: readonly Digest[];
};

/** A sealed tag overwritten or deleted, as people and programs are told of it. */
export type Violation = {
  readonly id: ViolationId;
  readonly kind: ViolationKind;
  readonly state: ViolationState;
  readonly registry: RegistryName;
  readonly repository: RepositoryName;
  readonly tag: TagName;
  readonly sealedDigest: Digest;
  /** null when the tag is gone. */
  readonly foundDigest: Digest | null;
  readonly actor: string | null;
  /** When it happened, by the event that showed it. */
  readonly detectedAt: Instant;
  readonly restoredAt: Instant | null;
  readonly rule: { readonly id: string; readonly name: string };
  readonly failure: string | null;
};
