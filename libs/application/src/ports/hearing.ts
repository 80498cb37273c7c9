import type { Instant, RegistryName, SweepFindings } from '#domain';
import type { PlannedDelivery } from './alert-deliveries.js';

/** Why a registry counts as deaf. */
export type Deafness = {
  /** When it was last known to notify. */
  readonly since: Instant;
  readonly sentence: string;
};

/** What is known of a registry's notifications. */
export type HearingStanding = {
  readonly registry: RegistryName;
  /** When its last authentic notification came; null: never. */
  readonly lastHeardAt: Instant | null;
  /** Its sweeps since then that found something, oldest first, each with the one before it. */
  readonly findings: readonly { readonly sweep: SweepFindings; readonly previousStartedAt: Instant | null }[];
  /** null: it is not deaf. `isHeard`: a notification has come since it was marked. */
  readonly deaf: (Deafness & { readonly isHeard: boolean }) | null;
};

/** Which registries are deaf. What is told of it is queued in the same transaction. */
export abstract class HearingBook {
  /** Sweeps count when they have ended so long ago: what was on its way has arrived by then. */
  abstract standings(registries: readonly string[], graceMs: number): Promise<HearingStanding[]>;
  /** False: it is marked already, or was heard meanwhile. */
  abstract markDeaf(
    standing: HearingStanding,
    deafness: Deafness,
    at: Instant,
    alerts: readonly PlannedDelivery[],
  ): Promise<boolean>;
  /** False: it is not marked any more. */
  abstract markHeard(registry: RegistryName, at: Instant, alerts: readonly PlannedDelivery[]): Promise<boolean>;
}

export abstract class HearingQueries {
  /** Those that are deaf. */
  abstract deaf(registries: readonly string[]): Promise<ReadonlyMap<string, Deafness>>;
}
