import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addMs,
  type Binding,
  compileRule,
  type Digest,
  type EventId,
  type FoldedViolation,
  formatTagRef,
  type Instant,
  type Observed,
  parseInstant,
  protectionBy,
  type ReplayContext,
  type RuleDefinition,
  RuleHistory,
  type RuleMode,
  replayTag,
  replayWindow,
  type TagRef,
  type TimelineEvent,
  WaiverBook,
} from '#domain';
import { AFTER_ALL, arrivalsOf, history, INDEXES, InMemoryRecord, SETTLE_MS, waivers } from '#testing';
import { recordEvents } from '../record-events/record-events.js';

/** Mostly the first, so that most rules cover most tags. */
const mostly = <T>(first: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(first) }, { weight: 2, arbitrary: fc.constantFrom(...others) });

const definition = fc
  .record({
    registries: mostly<string[] | undefined>(undefined, ['lo*', 'other'], ['other']),
    repositories: mostly<RuleDefinition['repositories']>(
      { matching: ['team/*'] },
      { matching: ['**'], excluding: ['team/sandbox'] },
      { excluding: ['team/*'] },
    ),
    tags: fc.constantFrom<RuleDefinition['tags'][]>(
      { all: true },
      { matching: ['v*'] },
      { matching: ['{v1,dev}'], excluding: ['dev'] },
      { regex: ['1$'], anchoring: 'search' },
      { regex: ['v\\d'], excludingRegex: ['v2'], anchoring: 'full' },
    ),
    mode: fc.constantFrom<RuleMode[]>('enforce', 'audit'),
    protect: mostly<RuleDefinition['protect']>(undefined, ['overwrite'], ['deletion']),
  })
  .map((selected): RuleDefinition => ({ name: 'previewed', ...selected }));

const START = parseInstant('2026-08-20T09:00:00Z');
const at = (seconds: number) => addMs(START, seconds * 1_000);
/** Also between events, before all of them and after. */
const anyTime = fc.integer({ min: -1, max: 34 }).map((halves) => at(halves / 2));
const from = fc.oneof(
  fc.integer({ min: -1, max: 12 }).map((halves) => at(halves / 2)),
  anyTime,
);
const to = fc.oneof({ weight: 4, arbitrary: fc.constant(AFTER_ALL) }, { weight: 1, arbitrary: anyTime });

/** Index digests, each known or not. */
const known = fc
  .subarray([...INDEXES.keys()], { minLength: 0 })
  .map((digests) => new Map<Digest, readonly Digest[]>(digests.map((digest) => [digest, INDEXES.get(digest) ?? []])));

const cases = fc.record({
  history: history.chain((events) => fc.tuple(fc.constant(events), arrivalsOf(events))),
  definition,
  known,
  from,
  to,
  waivers,
});

async function recorded(
  batches: readonly (readonly TimelineEvent[])[],
  manifests: ReadonlyMap<Digest, readonly Digest[]>,
  options: { rules: RuleHistory; waivers: WaiverBook; now: Instant },
): Promise<InMemoryRecord> {
  const store = new InMemoryRecord();
  for (const [digest, children] of manifests) store.manifests.set(digest, children);
  for (const events of batches) {
    const batch = { events, refolds: [], rejected: [] };
    await store.transaction('test', (transaction) =>
      recordEvents(transaction, batch, { ...options, settleMs: SETTLE_MS }),
    );
  }
  return store;
}

const NO_RULES = new RuleHistory([]);
const NO_WAIVERS = new WaiverBook([]);

/** What the service records right after a switch: what the registry says of every tag that exists then. */
async function observationsAt(time: Instant, events: readonly TimelineEvent[]): Promise<Observed[]> {
  const before = events.filter(({ occurredAt }) => occurredAt < time);
  const store = await recorded([before], new Map(), { rules: NO_RULES, waivers: NO_WAIVERS, now: time });
  return [...store.tags.values()].flatMap(({ ref, state: { binding } }, index) =>
    binding === null ? [] : [observationOf(ref, binding, time, index)],
  );
}

/** Before every event of its time. */
const observationOf = (ref: TagRef, binding: Binding, time: Instant, index: number): Observed => ({
  ...ref,
  type: 'observed',
  id: `00000000-0000-0000-0000-00000000000${index}` as EventId,
  digest: binding.digest,
  mediaType: binding.mediaType,
  actor: null,
  occurredAt: time,
  receivedAt: time,
  source: 'sweeper',
  sourceId: String(index),
  claims: {},
});

/** The waivers that have begun: the service that stops at that time knows of no others. */
class BegunWaivers extends WaiverBook {
  constructor(
    private readonly book: WaiverBook,
    private readonly end: Instant,
  ) {
    super([]);
  }

  override of(ref: TagRef) {
    return this.book.of(ref).filter(({ from: start }) => start < this.end);
  }
}

type Found = Readonly<Record<string, readonly FoldedViolation[]>>;

const inOrder = (violations: Iterable<FoldedViolation>) => [...violations].sort((a, b) => (a.id < b.id ? -1 : 1));

function foundLive(store: InMemoryRecord): Found {
  return Object.fromEntries(
    [...store.tags.values()].map(({ ref, violations }) => {
      const standing = [...violations.values()].filter(({ state }) => state !== 'withdrawn');
      const folded = standing.map(({ state: _, restoredAt: __, failure: ___, version: ____, ...rest }) => rest);
      return [formatTagRef(ref), inOrder(folded)];
    }),
  );
}

/** Of each tag that the record has, by its timeline and its bindings. */
function replayed(
  store: InMemoryRecord,
  replay: (timeline: readonly TimelineEvent[], bindings: readonly Binding[], ref: TagRef) => Iterable<FoldedViolation>,
): Promise<Found> {
  return store.transaction('test', async (transaction) => {
    const tags = [...store.tags.values()];
    const timelines = await transaction.loadTimelines(tags.map(({ ref }) => ref));
    return Object.fromEntries(
      tags.map(({ ref, bindings }) => {
        const key = formatTagRef(ref);
        return [key, inOrder(replay(timelines.get(key) ?? [], [...bindings.values()], ref))];
      }),
    );
  });
}

const boundAt = (time: Instant, bindings: readonly Binding[]): Binding | null =>
  bindings.find(({ bound, unbound }) => bound.occurredAt < time && (unbound === null || unbound.occurredAt >= time)) ??
  null;

describe('The replay of a rule over recorded history', () => {
  test('finds what the rule, switched on then, finds live', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const [events, arrivals] = one.history;
        const switchedOn = compileRule(one.definition, { id: 'previewed', origin: 'api' });
        const rules = new RuleHistory([
          { effectiveFrom: null, rules: [] },
          { effectiveFrom: one.from, rules: [switchedOn] },
        ]);
        const during = (event: TimelineEvent) => event.occurredAt < one.to;
        const observed = one.from < one.to ? await observationsAt(one.from, events) : [];
        const arrived = [...arrivals.map((batch) => batch.filter(during)), observed];
        const live = await recorded(arrived, one.known, {
          rules,
          waivers: new BegunWaivers(one.waivers, one.to),
          now: one.to,
        });

        const unruled = await recorded(arrivals, new Map(), { rules: NO_RULES, waivers: NO_WAIVERS, now: AFTER_ALL });
        const previewed = compileRule({ ...one.definition, enabled: false }, { id: 'previewed', origin: 'api' });
        const contextOf = (ref: TagRef): ReplayContext => ({
          ref,
          protection: protectionBy(previewed, ref),
          window: { from: one.from, to: one.to },
          waivers: one.waivers.of(ref),
          settleMs: SETTLE_MS,
          childrenOf: (digest) => one.known.get(digest) ?? null,
        });
        const byTimeline = await replayed(unruled, (timeline, _, ref) => replayTag(timeline, contextOf(ref)));
        const byWindow = await replayed(unruled, (timeline, bindings, ref) => {
          const within = timeline.filter(({ occurredAt }) => occurredAt >= one.from);
          return replayWindow(boundAt(one.from, bindings), within, contextOf(ref));
        });

        const expected = foundLive(live);
        const nothing = Object.fromEntries(Object.keys(byTimeline).map((key) => [key, []]));
        expect(byTimeline).toEqual({ ...nothing, ...expected });
        expect(byWindow).toEqual(byTimeline);
        found += Object.values(expected).flat().length;
      }),
      { numRuns: 2_000 },
    );
    // Histories in which nothing happens would agree as well.
    expect(found).toBeGreaterThan(300);
  });
});
