import type { SweepView } from '#contracts';
import type { Instant, RegistryName, RepositoryName, RepositoryRef } from '#domain';
import type { FreeSlots } from './enforcement-queue.js';

/** Why a registry is swept: its time has come, rules have changed, or a person asked. */
export type SweepCause = 'schedule' | 'rules' | 'hand';

/** Where the repositories come from: the registry's catalog too, or only the record and the configuration. */
export type SweepCoverage = 'catalog' | 'known';

/** A sweep whose repositories are to be listed, leased to one sweeper. */
export type DueSweep = {
  readonly registry: RegistryName;
  readonly runId: string;
  readonly cause: SweepCause;
  /** This one included. */
  readonly attempts: number;
  /** Tells whether another has taken it over meanwhile. */
  readonly claims: number;
};

/** A repository of a sweep, leased to one sweeper. */
export type DueRepository = RepositoryRef & {
  readonly runId: string;
  readonly attempts: number;
  readonly claims: number;
};

/** How many tags differed; `overwritten` and `deleted` are among these, the others came into being. */
export type SweepDifferences = {
  readonly differences: number;
  readonly overwritten: number;
  readonly deleted: number;
};

/** A sweep that has come to its end. */
export type FinishedSweep = {
  readonly registry: RegistryName;
  readonly cause: SweepCause;
  readonly startedAt: Instant;
  readonly seconds: number;
  readonly repositories: number;
  readonly tags: number;
  readonly differences: number;
  /** Repositories that were not checked whole, and what the last of them failed with. */
  readonly failures: number;
  readonly error: string | null;
};

/** Which registries are to be swept when: one row a registry. */
export abstract class SweepQueue {
  /** Sees to it that each registry is swept within its interval from now. `random` in [0, 1) spreads those that are new. */
  abstract schedule(
    registries: readonly { readonly registry: RegistryName; readonly everyMs: number }[],
    random: () => number,
  ): Promise<void>;
  abstract claim(free: FreeSlots, leaseMs: number): Promise<DueSweep[]>;
  abstract renew(sweep: DueSweep, leaseMs: number): Promise<void>;
  /** Adds repositories, each once; none where another has taken the sweep over. */
  abstract add(sweep: DueSweep, repositories: readonly RepositoryName[]): Promise<void>;
  /** All are added: they can be claimed. Answers the finished sweep where there are none; the next one is due in `nextInMs`. */
  abstract listed(sweep: DueSweep, coverage: SweepCoverage, nextInMs: number): Promise<FinishedSweep | null>;
  /** Lists again later. */
  abstract postpone(sweep: DueSweep, delayMs: number, error: string): Promise<void>;
  /** Another may have it at once; this attempt does not count. */
  abstract release(sweep: DueSweep): Promise<void>;
  abstract nextDueInMs(registries: readonly string[]): Promise<number | null>;
}

/** The repositories of the sweeps that run. */
export abstract class SweepRepositoryQueue {
  abstract claim(free: FreeSlots, leaseMs: number): Promise<DueRepository[]>;
  abstract renew(repository: DueRepository, leaseMs: number): Promise<void>;
  /** Shows how far it is: tags checked since it was claimed, and differences found beside those told before. */
  abstract progress(repository: DueRepository, tags: number, found: SweepDifferences): Promise<void>;
  /**
   * It is done, or given up with an error. Answers the finished sweep where it was the last one; then the next is due in `nextInMs`, or at
   * once where somebody has asked for it meanwhile.
   */
  abstract finish(repository: DueRepository, error: string | null, nextInMs: number): Promise<FinishedSweep | null>;
  /** Tried again later. */
  abstract postpone(repository: DueRepository, delayMs: number, error: string): Promise<void>;
  /** The registry itself is in trouble: none of its repositories is tried before that, and this attempt does not count. */
  abstract hold(repository: DueRepository, delayMs: number, error: string): Promise<void>;
  /** Another may have it at once; this attempt does not count. */
  abstract release(repository: DueRepository): Promise<void>;
  abstract nextDueInMs(registries: readonly string[]): Promise<number | null>;
}

/** Asks for sweeps. What is asked while one runs is done after it. */
export abstract class SweepRequests {
  /** At once, by a person: also written into the audit trail. */
  abstract byHand(registry: RegistryName, by: string, at: Instant): Promise<void>;
}

/** How the sweep of a registry stands, without what only the configuration knows. */
export type SweepStanding = Omit<SweepView, 'everySeconds'>;

export abstract class SweepQueries {
  /** By registry; those that were never scheduled are missing. */
  abstract standings(registries: readonly string[]): Promise<ReadonlyMap<string, SweepStanding>>;
  /** When the last finished sweep of each registry began: since then each of its tags was checked. */
  abstract lastBegun(registries: readonly string[]): Promise<ReadonlyMap<string, Instant>>;
}
