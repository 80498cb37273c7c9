import { addMs, type Instant } from '../instant.js';
import type { Digest } from '../names.js';
import { isUnfinished, type KeptViolation } from '../tag-timeline/reconcile-violations.js';
import type { Seal, TagState } from '../tag-timeline/tag-state.js';
import { findHindrance, type Hindrance, standingChange, type TagRuling } from './hindrance.js';
import type { Revocation } from './revocation.js';

/** What is known of a tag that the enforcer is to look at. */
export type EnforcementCase = {
  readonly seal: Seal | null;
  readonly violations: readonly KeptViolation[];
  /** A person asked for it: also in audit mode, over a tripped breaker, and with an unknown index in the way. */
  readonly byHand: boolean;
  /** How many times it was tried before, since the last violation. */
  readonly earlierAttempts: number;
  /** Restorations that wrote to this tag within the breaker's window, and since the breaker was last reset. */
  readonly recentRestorations: number;
  /** The tripped breaker; null where none stands. */
  readonly breaker: TrippedBreaker | null;
  /** Of the sealed digest, or of one that it lists. */
  readonly revocation: Revocation | null;
  /** How often each waiver with a number of uses was used for this tag. */
  readonly waiverUses: TagState['waiverUses'];
};

/** It stands until a person resets it. */
export type TrippedBreaker = { readonly trippedAt: Instant; readonly reason: string };

export type EnforcementPolicy = {
  /** A violation whose event came within this time is fresh: its tag is written before it is read. */
  readonly freshMs: number;
  /** So many restorations of one tag within the window are a fight with another writer. */
  readonly breakerRestorations: number;
  readonly breakerWindowMs: number;
};

export type EnforcementDecision =
  /** No violation stands against the present seal, or nothing may be written for those that do. */
  | {
      readonly type: 'nothing';
      readonly because: { readonly type: 'noViolation' } | Hindrance;
      readonly violations: readonly KeptViolation[];
    }
  /** An index may list the sealed digest: learn its children first, and write nothing. */
  | { readonly type: 'learnChildren'; readonly digests: readonly Digest[] }
  /** What is sealed was revoked: it is never put back. */
  | {
      readonly type: 'refuseRevoked';
      readonly seal: Seal;
      readonly violations: readonly KeptViolation[];
      readonly revocation: Revocation;
    }
  /** Another writer fights back: stop, and page. */
  | { readonly type: 'stopFight'; readonly violations: readonly KeptViolation[] }
  /** The fight was stopped before, and nobody has reset the breaker. */
  | { readonly type: 'leaveFight'; readonly violations: readonly KeptViolation[]; readonly breaker: TrippedBreaker }
  | {
      readonly type: 'restore';
      readonly seal: Seal;
      readonly violations: readonly KeptViolation[];
      readonly readFirst: boolean;
    };

/**
 * What to do about a tag: only ever its present seal is put back, only where a violation stands against that seal, and only while the rules
 * and waivers of this moment have it so.
 */
export function decideEnforcement(
  tag: EnforcementCase,
  ruling: TagRuling,
  policy: EnforcementPolicy,
  now: Instant,
): EnforcementDecision {
  const { seal, byHand } = tag;
  const violations = tag.violations.filter(
    (violation) => violation.sealedDigest === seal?.digest && isOurs(violation, byHand),
  );
  if (seal === null || violations.length === 0)
    return { type: 'nothing', because: { type: 'noViolation' }, violations };
  const because = findHindrance(ruling, {
    kinds: violations.map(({ kind }) => kind),
    change: standingChange(violations, now),
    waiverUses: tag.waiverUses,
    byHand,
  });
  if (because !== null) return { type: 'nothing', because, violations };
  const unknown = violations
    .filter(({ awaitingChildren }) => awaitingChildren)
    .flatMap(({ foundDigest }) => foundDigest ?? []);
  if (unknown.length > 0 && !byHand) return { type: 'learnChildren', digests: [...new Set(unknown)] };
  if (tag.revocation !== null) return { type: 'refuseRevoked', seal, violations, revocation: tag.revocation };
  if (tag.breaker !== null && !byHand) return { type: 'leaveFight', violations, breaker: tag.breaker };
  if (tag.recentRestorations >= policy.breakerRestorations && !byHand) return { type: 'stopFight', violations };
  return {
    type: 'restore',
    seal,
    violations,
    readFirst: tag.earlierAttempts > 0 || !violations.some(isFresh(policy, now)),
  };
}

const isOurs = ({ mode, state }: KeptViolation, byHand: boolean): boolean =>
  byHand ? isUnfinished(state) || state === 'audited' : mode === 'enforce' && isUnfinished(state);

/** Standing, and just heard of: the registry may not have written the tag yet, so reading it first would show the old digest. */
const isFresh =
  ({ freshMs }: EnforcementPolicy, now: Instant) =>
  ({ end, receivedAt, foundDigest, sealedDigest }: KeptViolation): boolean =>
    end === null && foundDigest !== sealedDigest && addMs(receivedAt, freshMs) >= now;
