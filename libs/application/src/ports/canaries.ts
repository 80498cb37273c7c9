import type { Digest, Instant, RegistryName, TagRef, ViolationState } from '#domain';
import type { PlannedDelivery } from './alert-deliveries.js';
import type { FreeSlots } from './enforcement-queue.js';

/** What came of overwriting a canary. */
export type CanaryOutcome =
  /** Detected, and the sealed digest was put back. */
  | 'ok'
  /** It was not recorded in time. */
  | 'notDetected'
  /** It was recorded, and not put back in time. */
  | 'notRestored'
  /** The registry did not take the canary itself, or could not be reached. */
  | 'refused';

export type CanaryRun = {
  readonly outcome: CanaryOutcome;
  /** From the overwriting on, in seconds; null where it did not come so far. */
  readonly detectSeconds: number | null;
  readonly restoreSeconds: number | null;
  /** What happened and, unless all is well, what to look at. */
  readonly sentence: string;
};

/** A run with the time at which it ended. */
export type FinishedCanaryRun = CanaryRun & { readonly at: Instant };

/** A canary to overwrite, leased to one sweeper. */
export type DueCanary = {
  readonly registry: RegistryName;
  /** Tells whether another has taken it over meanwhile. */
  readonly claims: number;
  /** Of the last run; null: this is the first. */
  readonly lastOutcome: CanaryOutcome | null;
};

/** The canaries of the registries: one row each. */
export abstract class CanaryQueue {
  /** Has each run within its interval from now, a new one at once. */
  abstract schedule(canaries: readonly { readonly registry: RegistryName; readonly everyMs: number }[]): Promise<void>;
  abstract claim(free: FreeSlots, leaseMs: number): Promise<DueCanary[]>;
  abstract renew(canary: DueCanary, leaseMs: number): Promise<void>;
  /** Keeps the run and queues what is told of it, together; neither where another has taken the canary over. */
  abstract finish(
    canary: DueCanary,
    run: FinishedCanaryRun,
    nextInMs: number,
    alerts: readonly PlannedDelivery[],
  ): Promise<void>;
  /** Another may have it at once. */
  abstract release(canary: DueCanary): Promise<void>;
  abstract nextDueInMs(registries: readonly string[]): Promise<number | null>;
}

/** What the record says of a canary's tag. */
export abstract class CanaryRecord {
  /** The digest that the tag is sealed to; `isKept`: the vault has what it takes to put it back. Null: it is not sealed. */
  abstract findSeal(ref: TagRef): Promise<{ readonly digest: Digest; readonly isKept: boolean } | null>;
  /** The violation that put this digest under the tag. */
  abstract findViolation(
    ref: TagRef,
    foundDigest: Digest,
  ): Promise<{ readonly state: ViolationState; readonly failure: string | null } | null>;
}

export abstract class CanaryQueries {
  /** The last run of each; those that never ran are missing. */
  abstract lastRuns(registries: readonly string[]): Promise<ReadonlyMap<string, FinishedCanaryRun>>;
}
