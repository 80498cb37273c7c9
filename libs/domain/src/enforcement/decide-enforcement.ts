import { addMs, type Instant } from '../instant.js';
import type { Digest } from '../names.js';
import { isUnfinished, type KeptViolation } from '../tag-timeline/reconcile-violations.js';
import type { Seal } from '../tag-timeline/tag-state.js';

/** What is known of a tag that the enforcer is to look at. */
export type EnforcementCase = {
  readonly seal: Seal | null;
  readonly violations: readonly KeptViolation[];
  /** A person asked for it: also in audit mode, over a tripped breaker, and with an unknown index in the way. */
  readonly byHand: boolean;
  /** How many times it was tried before, since the last violation. */
  readonly earlierAttempts: number;
  /** Restorations that wrote to this tag within the breaker's window. */
  readonly recentRestorations: number;
};

export type EnforcementPolicy = {
  /** A violation whose event came within this time is fresh: its tag is written before it is read. */
  readonly freshMs: number;
  /** So many restorations of one tag within the window are a fight with another writer. */
  readonly breakerRestorations: number;
};

export type EnforcementDecision =
  /** No violation stands against the present seal. */
  | { readonly type: 'nothing' }
  /** An index may list the sealed digest: learn its children first, and write nothing. */
  | { readonly type: 'learnChildren'; readonly digests: readonly Digest[] }
  /** Another writer fights back: stop, and page. */
  | { readonly type: 'stopFight'; readonly violations: readonly KeptViolation[] }
  | {
      readonly type: 'restore';
      readonly seal: Seal;
      readonly violations: readonly KeptViolation[];
      readonly readFirst: boolean;
    };

/** What to do about a tag: only ever its present seal is put back, and only where a violation stands against that seal. */
export function decideEnforcement(tag: EnforcementCase, policy: EnforcementPolicy, now: Instant): EnforcementDecision {
  const { seal, byHand } = tag;
  const violations = tag.violations.filter(
    (violation) => violation.sealedDigest === seal?.digest && isOurs(violation, byHand),
  );
  if (seal === null || violations.length === 0) return { type: 'nothing' };
  const unknown = violations
    .filter(({ awaitingChildren }) => awaitingChildren)
    .flatMap(({ foundDigest }) => foundDigest ?? []);
  if (unknown.length > 0 && !byHand) return { type: 'learnChildren', digests: [...new Set(unknown)] };
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
