import { addMs, type Instant } from '../instant.js';

/** What a finished sweep found that no notification had told of. */
export type SweepFindings = {
  readonly startedAt: Instant;
  /** Covered tags that pointed at another digest than recorded. */
  readonly overwritten: number;
  /** Covered tags that were gone. */
  readonly deleted: number;
  /** Covered tags that the record did not have. */
  readonly appeared: number;
};

export type HearingEvidence = {
  readonly sweep: SweepFindings;
  /** When the sweep before it began; null: there was none. */
  readonly previousStartedAt: Instant | null;
  /** The rules have not changed between the two: what appeared now would have been covered then. */
  readonly sameRules: boolean;
  /** Registries of this kind notify deletions of tags. */
  readonly tellsDeletions: boolean;
  /** When the registry's last authentic notification came, or up to a minute earlier; null: never. */
  readonly lastHeardAt: Instant | null;
};

/** The record writes down only each minute that a registry was heard. */
const HEARD_WITHIN_MS = 60_000;

/**
 * Whether a registry notifies us no more: something happened there between two sweeps, and not a word was heard since the first of them
 * began. Silence alone says nothing, nor does what a sweep finds first of all.
 */
export function isDeaf(evidence: HearingEvidence): boolean {
  const { previousStartedAt, lastHeardAt } = evidence;
  if (previousStartedAt === null || untold(evidence) === 0) return false;
  return lastHeardAt === null || addMs(lastHeardAt, HEARD_WITHIN_MS) < previousStartedAt;
}

/** Tags of which a notification should have told. */
export function untold({ sweep, sameRules, tellsDeletions }: HearingEvidence): number {
  return sweep.overwritten + (tellsDeletions ? sweep.deleted : 0) + (sameRules ? sweep.appeared : 0);
}
