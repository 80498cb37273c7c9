import type { Digest, EnforcementCase, Instant, KeptViolation, Revocation, TagRef, TagState } from '#domain';

/** How many tags of each registry may be taken. */
export type FreeSlots = readonly { readonly registry: string; readonly slots: number }[];

/** A tag that is due, leased to one enforcer. */
export type DueTag = EnforcementCase & {
  readonly tagId: string;
  readonly ref: TagRef;
  /** Tells whether a violation has come since the tag was taken. */
  readonly generation: number;
};

export type RestorationReport = {
  readonly outcome: 'restored' | 'alreadyRight' | 'failed';
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  /** When the tag pointed at the sealed digest again. */
  readonly restoredAt: Instant | null;
  readonly reason: string | null;
  readonly missingBlobs: readonly Digest[];
};

/** What becomes of a tag after an attempt. */
export type Verdict =
  /** The violations are closed: `restored` or `selfHealed`. */
  | {
      readonly type: 'right';
      readonly report: RestorationReport;
      readonly sealedDigest: Digest;
      readonly mediaType: string | null;
    }
  /** It is tried again; `giveUp` tells people meanwhile. */
  | { readonly type: 'retry'; readonly report: RestorationReport; readonly delayMs: number; readonly giveUp: boolean }
  /** Nothing more is tried by itself; `fight` trips the tag's breaker. */
  | { readonly type: 'failed'; readonly report: RestorationReport; readonly fight: Fight | null };

/** So many restorations within the window. */
export type Fight = { readonly restorations: number; readonly windowMs: number };

/** What the record says of a tag just before it is written. */
export type TagStanding = {
  readonly sealedDigest: Digest | null;
  readonly revocation: Revocation | null;
  readonly waiverUses: TagState['waiverUses'];
};

/** The tags that the enforcer must look at. */
export abstract class EnforcementQueue {
  /** Leases due tags. */
  abstract claim(free: FreeSlots, leaseMs: number, breakerWindowMs: number): Promise<DueTag[]>;
  /** An attempt begins: violations that are `detected` are shown as `restoring` from here on. */
  abstract begin(violations: readonly KeptViolation[], at: Instant): Promise<void>;
  /** The tag's seal as it is now, and what speaks against putting it back. */
  abstract findStanding(tag: DueTag): Promise<TagStanding>;
  /** The rule in force only reports such changes: the violations become `audited`, and the tag leaves the queue. */
  abstract standDown(tag: DueTag, violations: readonly KeptViolation[], reason: string, at: Instant): Promise<void>;
  /** Closes or keeps the violations, writes the attempt, announces, and takes the tag off the queue unless more has come. */
  abstract conclude(tag: DueTag, violations: readonly KeptViolation[], verdict: Verdict): Promise<void>;
  /** Keeps the lease for as long again. */
  abstract renew(tag: DueTag, leaseMs: number): Promise<void>;
  /** Takes the tag off the queue unless more has come. */
  abstract release(tag: DueTag): Promise<void>;
  /** Looks again later, without an attempt; `refold` asks the recorder to fold the tag anew. */
  abstract postpone(tag: DueTag, delayMs: number, refold: boolean): Promise<void>;
  /** When the next tag of these registries will be due, in milliseconds from now; null when there is none. */
  abstract nextDueInMs(registries: readonly string[]): Promise<number | null>;
}
