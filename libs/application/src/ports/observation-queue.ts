import type { TagRef } from '#domain';
import type { FreeSlots } from './enforcement-queue.js';

/** A tag that the registry is to be asked about, leased to one asker. */
export type DueObservation = TagRef & { readonly tagId: string; readonly attempts: number };

/** The tags whose present digest must be read from the registry. */
export abstract class ObservationQueue {
  abstract claim(free: FreeSlots, leaseMs: number): Promise<DueObservation[]>;
  abstract finish(observation: DueObservation): Promise<void>;
  abstract postpone(observation: DueObservation, delayMs: number): Promise<void>;
  abstract nextDueInMs(registries: readonly string[]): Promise<number | null>;
}
