import type {
  Digest,
  EventId,
  Instant,
  KeptViolation,
  ManifestDeleted,
  Pulled,
  RepositoryDeleted,
  RepositoryRef,
  TagChanges,
  TagHint,
  TagRef,
  TagState,
  TimelineEvent,
} from '#domain';
import type { TransactionalQuery } from './message-bus.js';
import type { KeptManifest } from './vault.js';

/** An event that concerns a whole repository: which tags it changes depends on what they pointed at. */
export type RepositoryWideEvent = ManifestDeleted | RepositoryDeleted;

/** What folding one tag came to, to be written. */
export type TagOutcome = {
  readonly ref: TagRef;
  readonly changes: TagChanges;
  /** The tag was folded from its beginning: what is stored is replaced, and violations that no longer follow are withdrawn. */
  readonly anew: boolean;
};

/** A violation that arose, and the tag that it is of. */
export type NewViolation = { readonly ref: TagRef; readonly violation: KeptViolation };

export type RejectedPayload = {
  readonly id: string;
  readonly registry: string;
  readonly receivedAt: Instant;
  readonly reason: string;
  readonly contentType: string | null;
  readonly payload: Buffer;
};

/** The record of events, bindings, seals and violations. */
export abstract class RecordStore {
  /**
   * Runs `work` in one transaction, alone on its `chain`: the events that it inserts are appended to that chain of the ledger.
   * Rolls back when `work` throws. Rejects with a retriable error while the database cannot be reached.
   */
  abstract transaction<T>(chain: string, work: (transaction: RecordTransaction) => Promise<T>): Promise<T>;
}

export abstract class RecordTransaction {
  abstract readonly query: TransactionalQuery;
  /** Inserts what is not recorded yet and answers the ids of that. */
  abstract insertEvents(events: readonly TimelineEvent[]): Promise<ReadonlySet<EventId>>;
  /** Keyed by `formatTagRef`; a tag never seen is absent. */
  abstract loadStates(refs: readonly TagRef[]): Promise<ReadonlyMap<string, TagState>>;
  /** The repository-wide events at or after the given times. */
  abstract loadRepositoryWide(since: readonly (RepositoryRef & { since: Instant })[]): Promise<RepositoryWideEvent[]>;
  /** The recorded tags that an event may change: ever bound to the digest, or to an index that lists it; all of a deleted repository's. */
  abstract findTagsConcerned(
    events: readonly RepositoryWideEvent[],
  ): Promise<{ ref: TagRef; event: RepositoryWideEvent }[]>;
  /** All events of the tags, repository-wide ones included, in order; keyed by `formatTagRef`. */
  abstract loadTimelines(refs: readonly TagRef[]): Promise<ReadonlyMap<string, TimelineEvent[]>>;
  /** The children of the manifests that are known. */
  abstract loadChildren(digests: readonly Digest[]): Promise<ReadonlyMap<Digest, readonly Digest[]>>;
  /** Puts manifests that came with their events into the vault. */
  abstract keepManifests(manifests: readonly KeptManifest[]): Promise<void>;
  /** Writes tags, bindings and violations; queues enforcement, vault fetches and announcements. Answers the new violations. */
  abstract saveOutcomes(outcomes: readonly TagOutcome[], now: Instant): Promise<readonly NewViolation[]>;
  /** Keeps the pulls of digests that were in violation when they were pulled, and answers how many those were. */
  abstract keepExposingPulls(pulls: readonly Pulled[]): Promise<number>;
  /** Has the tags looked up in their registries, now and once more a little later. */
  abstract queueHints(hints: readonly TagHint[]): Promise<void>;
  abstract keepRejected(rejected: readonly RejectedPayload[]): Promise<void>;
  /** When the last notification of each registry came, as far as this batch knows; written down to the minute. */
  abstract noteHeard(lastByRegistry: ReadonlyMap<string, Instant>): Promise<void>;
}
