import type { Digest, TagHint, TagRef } from '#domain';
import type { FreeSlots } from './enforcement-queue.js';

/** What a registry told of a tag, without saying to what it was changed. */
export type Hint = Omit<TagHint, 'registry' | 'repository' | 'tag'>;

/** A tag that the registry is to be asked about, leased to one asker. */
export type DueObservation = TagRef & {
  readonly tagId: string;
  readonly attempts: number;
  /** null where it is looked at for another reason. */
  readonly hint: Hint | null;
  /** What the first look after a hint found; null before it. */
  readonly seen: Digest | 'absent' | null;
  /** Tells whether the tag was asked for anew meanwhile. */
  readonly lease: string;
};

/** The tags whose present digest must be read from the registry. */
export abstract class ObservationQueue {
  abstract claim(free: FreeSlots, leaseMs: number): Promise<DueObservation[]>;
  /** Takes the tag off the list, unless it was asked for anew. */
  abstract finish(observation: DueObservation): Promise<void>;
  /** Has it looked at once more, to see whether it stays as it was seen. */
  abstract lookAgain(observation: DueObservation, seen: Digest | 'absent', delayMs: number): Promise<void>;
  abstract postpone(observation: DueObservation, delayMs: number): Promise<void>;
  abstract nextDueInMs(registries: readonly string[]): Promise<number | null>;
}
