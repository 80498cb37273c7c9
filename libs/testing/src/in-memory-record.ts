import {
  type KeptManifest,
  type NewViolation,
  RecordStore,
  RecordTransaction,
  type RejectedPayload,
  type RepositoryWideEvent,
  type TagOutcome,
} from '#application';
import {
  type Binding,
  comparePositions,
  type Digest,
  type EventId,
  formatTagRef,
  type Instant,
  type KeptViolation,
  type Pulled,
  type RepositoryRef,
  reconcileViolations,
  type TagHint,
  type TagRef,
  type TagState,
  type TimelineEvent,
  type ViolationId,
} from '#domain';

type TagRecord = {
  ref: TagRef;
  state: TagState;
  bindings: Map<string, Binding>;
  violations: Map<ViolationId, KeptViolation>;
};

/** The record in memory, for tests: it passes the same contract suite as the one in PostgreSQL. No rollback. */
export class InMemoryRecord extends RecordStore {
  readonly events = new Map<EventId, TimelineEvent>();
  readonly tags = new Map<string, TagRecord>();
  readonly manifests = new Map<Digest, readonly Digest[]>();
  readonly pulls: Pulled[] = [];
  readonly hints: TagHint[] = [];
  readonly rejected: RejectedPayload[] = [];
  readonly heard = new Map<string, Instant>();
  readonly enforcements = new Set<string>();
  readonly announced: KeptViolation[] = [];

  override transaction<T>(_chain: string, work: (transaction: RecordTransaction) => Promise<T>): Promise<T> {
    return work(new InMemoryTransaction(this));
  }
}

class InMemoryTransaction extends RecordTransaction {
  constructor(private readonly record: InMemoryRecord) {
    super();
  }

  override readonly query = (): Promise<unknown> => Promise.reject(new Error('There is no SQL in memory.'));

  override async insertEvents(events: readonly TimelineEvent[]): Promise<ReadonlySet<EventId>> {
    const fresh = events.filter(({ id }) => !this.record.events.has(id));
    for (const event of fresh) this.record.events.set(event.id, event);
    return new Set(fresh.map(({ id }) => id));
  }

  override async loadStates(refs: readonly TagRef[]): Promise<ReadonlyMap<string, TagState>> {
    const keys = refs.map(formatTagRef).filter((key) => this.record.tags.has(key));
    return new Map(keys.map((key) => [key, this.record.tags.get(key)!.state]));
  }

  override async loadRepositoryWide(
    since: readonly (RepositoryRef & { since: Instant })[],
  ): Promise<RepositoryWideEvent[]> {
    const isWanted = (event: TimelineEvent) =>
      since.some((one) => sameRepository(one, event) && event.occurredAt >= one.since);
    return [...this.record.events.values()].filter(isRepositoryWide).filter(isWanted);
  }

  override async findTagsConcerned(
    events: readonly RepositoryWideEvent[],
  ): Promise<{ ref: TagRef; event: RepositoryWideEvent }[]> {
    return events.flatMap((event) =>
      [...this.record.tags.values()]
        .filter(({ ref }) => sameRepository(ref, event))
        .filter((tag) => event.type === 'repositoryDeleted' || this.mayConcern(tag, event.digest))
        .map(({ ref }) => ({ ref, event })),
    );
  }

  private mayConcern({ bindings }: TagRecord, deleted: Digest): boolean {
    return [...bindings.values()].some(
      ({ digest }) => digest === deleted || this.record.manifests.get(digest)?.includes(deleted),
    );
  }

  override async loadTimelines(refs: readonly TagRef[]): Promise<ReadonlyMap<string, TimelineEvent[]>> {
    const all = [...this.record.events.values()].sort(comparePositions);
    const isOf = (ref: TagRef) => (event: TimelineEvent) =>
      sameRepository(ref, event) && (isRepositoryWide(event) || ('tag' in event && event.tag === ref.tag));
    return new Map(refs.map((ref) => [formatTagRef(ref), all.filter(isOf(ref))]));
  }

  override async loadChildren(digests: readonly Digest[]): Promise<ReadonlyMap<Digest, readonly Digest[]>> {
    const known = digests.filter((digest) => this.record.manifests.has(digest));
    return new Map(known.map((digest) => [digest, this.record.manifests.get(digest)!]));
  }

  override async keepManifests(manifests: readonly KeptManifest[]): Promise<void> {
    for (const { digest, children } of manifests) this.record.manifests.set(digest, children);
  }

  override async saveOutcomes(outcomes: readonly TagOutcome[]): Promise<readonly NewViolation[]> {
    return outcomes.flatMap((outcome) => this.saveOutcome(outcome));
  }

  private saveOutcome({ ref, changes, anew }: TagOutcome): readonly NewViolation[] {
    const key = formatTagRef(ref);
    const before = this.record.tags.get(key);
    const bindings = anew ? new Map<string, Binding>() : (before?.bindings ?? new Map<string, Binding>());
    for (const binding of changes.bindings) bindings.set(binding.bound.id, binding);
    const violations = before?.violations ?? new Map<ViolationId, KeptViolation>();
    const kept = [...violations.values()].filter(({ end }) => anew || end === null);
    const { write, added, announce, enforce } = reconcileViolations(kept, changes, anew);
    for (const violation of write) violations.set(violation.id, violation);
    this.record.announced.push(...announce);
    if (enforce) this.record.enforcements.add(key);
    this.record.tags.set(key, { ref, state: changes.state, bindings, violations });
    return added.map((violation) => ({ ref, violation }));
  }

  override async keepExposingPulls(pulls: readonly Pulled[]): Promise<number> {
    const found = new Set(
      [...this.record.tags.values()].flatMap(({ violations }) =>
        [...violations.values()].map((one) => one.foundDigest),
      ),
    );
    const exposing = pulls.filter(({ digest }) => found.has(digest));
    this.record.pulls.push(...exposing);
    return exposing.length;
  }

  override async queueHints(hints: readonly TagHint[]): Promise<void> {
    this.record.hints.push(...hints);
  }

  override async keepRejected(rejected: readonly RejectedPayload[]): Promise<void> {
    this.record.rejected.push(...rejected);
  }

  override async noteHeard(lastByRegistry: ReadonlyMap<string, Instant>): Promise<void> {
    for (const [registry, at] of lastByRegistry) this.record.heard.set(registry, at);
  }
}

const sameRepository = (a: RepositoryRef, b: RepositoryRef): boolean =>
  a.registry === b.registry && a.repository === b.repository;

const isRepositoryWide = (event: TimelineEvent): event is RepositoryWideEvent =>
  event.type === 'manifestDeleted' || event.type === 'repositoryDeleted';
