import type { Digest, Instant, RepositoryRef, TagName } from '#domain';
import type { FreeSlots } from './enforcement-queue.js';

/** A sealed digest of a repository that the guard repository must hold, leased to one keeper. */
export type DueGuard = RepositoryRef & {
  readonly digest: Digest;
  /** With this one. */
  readonly attempts: number;
  /** When it was last proven to be there; null where it never was. */
  readonly provenAt: Instant | null;
};

/** What must be in guard repositories, and what is known of it. A digest stays listed after its proof: proofs age. */
export abstract class GuardQueue {
  abstract claim(free: FreeSlots, leaseMs: number): Promise<DueGuard[]>;
  abstract renew(guard: DueGuard, leaseMs: number): Promise<void>;
  /** The tags that are sealed on it, some of them where there are very many. */
  abstract findSealedTags(guard: DueGuard): Promise<readonly TagName[]>;
  /** Every part of it was found at that time; it is proven again after `againInMs`. */
  abstract proven(guard: DueGuard, at: Instant, againInMs: number): Promise<void>;
  /** It could not be proven; `reason` null: nothing has failed, it is too early. */
  abstract postpone(guard: DueGuard, delayMs: number, reason: string | null): Promise<void>;
  /** Nobody asks for it any more, unless somebody has again since it was taken. What the registry holds stays. */
  abstract drop(guard: DueGuard): Promise<void>;
  /** When the next of these registries will be due, in milliseconds from now; null when there is none. */
  abstract nextDueInMs(registries: readonly string[]): Promise<number | null>;
}
