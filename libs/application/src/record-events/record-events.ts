import {
  type Digest,
  digestOfBytes,
  EMPTY_TAG,
  foldTag,
  formatTagRef,
  type Instant,
  isIndexMediaType,
  isLate,
  type Pulled,
  type RegistryEvent,
  type RepositoryRef,
  type RuleHistory,
  type TagHint,
  type TagRef,
  type TagState,
  type TimelineEvent,
  type WaiverBook,
} from '#domain';
import { describeManifest } from '../keep-vault/describe-manifest.js';
import type {
  NewViolation,
  RecordTransaction,
  RejectedPayload,
  RepositoryWideEvent,
  TagOutcome,
} from '../ports/record-store.js';
import { lastHeard } from './last-heard.js';
import { type TouchedTag, TouchedTags } from './touched-tags.js';

/** What a batch asks to record. */
export type Recordable = {
  readonly events: readonly RegistryEvent[];
  /** Tags that changed, nobody has said to what. */
  readonly hints?: readonly TagHint[];
  /** Tags whose fold depends on something that has changed. */
  readonly refolds: readonly TagRef[];
  readonly rejected: readonly RejectedPayload[];
};

export type RecordingOptions = {
  readonly rules: RuleHistory;
  readonly waivers: WaiverBook;
  readonly settleMs: number;
  readonly now: Instant;
};

export type Recorded = {
  readonly newEvents: number;
  readonly duplicates: number;
  readonly keptPulls: number;
  readonly droppedPulls: number;
  /** That arose. */
  readonly violations: readonly NewViolation[];
  /** Indexes pushed over a seal that is still settling, whose children nobody knows: fetch them, and record again. */
  readonly unknownIndexes: readonly { readonly ref: TagRef; readonly digest: Digest }[];
};

/** Records a batch within the given transaction: dedups, folds every touched tag, writes what follows. */
export async function recordEvents(
  transaction: RecordTransaction,
  batch: Recordable,
  options: RecordingOptions,
): Promise<Recorded> {
  const timeline = batch.events.filter((event): event is TimelineEvent => event.type !== 'pulled');
  const pulls = batch.events.filter((event): event is Pulled => event.type === 'pulled');
  const newIds = timeline.length > 0 ? await transaction.insertEvents(timeline) : new Set();
  // One id may stand in a batch twice: once is enough.
  const fresh = [
    ...new Map(timeline.filter((event) => newIds.has(event.id)).map((event) => [event.id, event])).values(),
  ];
  await keepCarriedManifests(transaction, fresh, options.rules);
  const touched = await touchedBy(transaction, fresh, batch.refolds);
  const outcomes = await foldTouched(transaction, touched.entries(), batch.refolds, options);
  const violations = outcomes.length > 0 ? await transaction.saveOutcomes(outcomes, options.now) : [];
  const keptPulls = pulls.length > 0 ? await transaction.keepExposingPulls(pulls) : 0;
  const { hints = [] } = batch;
  if (hints.length > 0) await transaction.queueHints(hints);
  if (batch.rejected.length > 0) await transaction.keepRejected(batch.rejected);
  // Last: other recorders may be waiting for the same rows.
  await transaction.noteHeard(lastHeard(batch));
  return {
    newEvents: fresh.length,
    duplicates: timeline.length - fresh.length,
    keptPulls,
    droppedPulls: pulls.length - keptPulls,
    violations,
    unknownIndexes: outcomes.flatMap(({ ref, changes }) => changes.unknownIndexes.map((digest) => ({ ref, digest }))),
  };
}

/** Some registries drop a manifest as soon as its tag is overwritten: what their events carry is the only copy to be had. */
async function keepCarriedManifests(
  transaction: RecordTransaction,
  fresh: readonly TimelineEvent[],
  rules: RuleHistory,
): Promise<void> {
  const carried = fresh.flatMap((event) => {
    if (event.type !== 'pushed' || event.manifest === undefined || event.tag === null || event.mediaType === null)
      return [];
    const isCovered = rules.coverageOf({ ...event, tag: event.tag }).some(({ protection }) => protection !== null);
    if (!isCovered) return [];
    const bytes = Buffer.from(event.manifest, 'base64');
    return digestOfBytes(bytes, event.digest) === event.digest
      ? [describeManifest({ digest: event.digest, mediaType: event.mediaType, bytes })]
      : [];
  });
  if (carried.length > 0) await transaction.keepManifests(carried.filter((manifest) => manifest !== null));
}

async function touchedBy(
  transaction: RecordTransaction,
  fresh: readonly TimelineEvent[],
  refolds: readonly TagRef[],
): Promise<TouchedTags> {
  const touched = new TouchedTags();
  touched.addOwn(fresh);
  if (touched.size > 0) touched.addRepositoryWide(await transaction.loadRepositoryWide(earliestByRepository(fresh)));
  const wide = fresh.filter((event): event is RepositoryWideEvent => isRepositoryWide(event));
  if (wide.length > 0) {
    for (const { ref, event } of await transaction.findTagsConcerned(wide)) touched.touch(ref).events.push(event);
  }
  for (const ref of refolds) touched.touch(ref);
  return touched;
}

const isRepositoryWide = (event: TimelineEvent): boolean =>
  event.type === 'manifestDeleted' || event.type === 'repositoryDeleted';

function earliestByRepository(events: readonly TimelineEvent[]): (RepositoryRef & { since: Instant })[] {
  const earliest = new Map<string, RepositoryRef & { since: Instant }>();
  for (const { registry, repository, occurredAt } of events) {
    const key = `${registry}/${repository}`;
    const known = earliest.get(key);
    if (!known || occurredAt < known.since) earliest.set(key, { registry, repository, since: occurredAt });
  }
  return [...earliest.values()];
}

async function foldTouched(
  transaction: RecordTransaction,
  touched: readonly TouchedTag[],
  refolds: readonly TagRef[],
  options: RecordingOptions,
): Promise<TagOutcome[]> {
  if (touched.length === 0) return [];
  const states = await transaction.loadStates(touched.map(({ ref }) => ref));
  const refolded = new Set(refolds.map(formatTagRef));
  const plans = touched.map(({ ref, events }) => {
    const state = states.get(formatTagRef(ref)) ?? EMPTY_TAG;
    return {
      ref,
      state,
      events,
      anew: refolded.has(formatTagRef(ref)) || events.some((event) => isLate(state, event)),
    };
  });
  const late = plans.filter((plan) => plan.anew).map(({ ref }) => ref);
  const timelines = late.length > 0 ? await transaction.loadTimelines(late) : new Map<string, TimelineEvent[]>();
  const folds = plans.map((plan) =>
    plan.anew ? { ...plan, state: EMPTY_TAG, events: timelines.get(formatTagRef(plan.ref)) ?? [] } : plan,
  );
  const wanted = folds.flatMap(({ state, events }) => manifestsOfInterest(state, events));
  const children = wanted.length > 0 ? await transaction.loadChildren([...new Set(wanted)]) : new Map();
  return folds.map(({ ref, state, events, anew }) => ({
    ref,
    anew,
    changes: foldTag(state, events, {
      subject: formatTagRef(ref),
      coverage: options.rules.coverageOf(ref),
      waivers: options.waivers.of(ref),
      until: options.now,
      settleMs: options.settleMs,
      childrenOf: (digest) => children.get(digest) ?? null,
    }),
  }));
}

/** The manifests whose children this fold may ask for. */
function manifestsOfInterest(state: TagState, events: readonly TimelineEvent[]): Digest[] {
  if (events.length === 1 && isOrdinary(state, events[0]!)) return [];
  const pushed = events.filter((event) => event.type === 'pushed' || event.type === 'observed');
  const mayBeIndexes = pushed.filter(({ mediaType }) => mediaType === null || isIndexMediaType(mediaType));
  const digests = mayBeIndexes.map(({ digest }) => digest).filter((digest) => digest !== null);
  return state.seal === null ? digests : [...digests, state.seal.digest];
}

/** By far the most: the first push of a tag, or the sealed digest pushed again. No children are asked for. */
const isOrdinary = ({ seal }: TagState, event: TimelineEvent): boolean =>
  (event.type === 'pushed' || event.type === 'observed') && (seal === null || seal.digest === event.digest);
