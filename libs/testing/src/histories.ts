import fc from 'fast-check';
import {
  addMs,
  compileRule,
  compileWaiver,
  type Digest,
  deriveId,
  digestOfBytes,
  type Instant,
  parseInstant,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  RuleHistory,
  type TimelineEvent,
  WaiverBook,
} from '#domain';

const REGISTRY = parseRegistryName('local');
const REPOSITORY = parseRepositoryName('team/app');
const START = parseInstant('2026-08-20T09:00:00Z');

const digestOf = (name: string): Digest => digestOfBytes(Buffer.from(name));
const IMAGES = ['a', 'b', 'c'].map(digestOf);
/** Indexes, and the images that they list. */
export const INDEXES: ReadonlyMap<Digest, readonly Digest[]> = new Map([
  [digestOf('index of a'), [digestOf('a')]],
  [digestOf('index of a and b'), [digestOf('a'), digestOf('b')]],
]);
const IMAGE_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

/** Long after the last event of any history. */
export const AFTER_ALL: Instant = addMs(START, 3_600_000);
/** Short enough that some pushes of a history fall outside it. */
export const SETTLE_MS = 4_000;

const second = fc.integer({ min: 0, max: 15 });
const at = (seconds: number): Instant => addMs(START, seconds * 1_000);
const tag = fc.constantFrom('v1', 'v2', 'dev').map(parseTagName);
const manifest = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...IMAGES).map((digest) => ({ digest, mediaType: IMAGE_TYPE })) },
  { weight: 2, arbitrary: fc.constantFrom(...INDEXES.keys()).map((digest) => ({ digest, mediaType: INDEX_TYPE })) },
);
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('pushed' as const), tag, manifest }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('observed' as const), tag, manifest: fc.option(manifest) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('tagDeleted' as const), tag }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('manifestDeleted' as const), manifest }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('repositoryDeleted' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('sealAccepted' as const), tag, manifest: fc.option(manifest) }),
  },
);

/** Any history of one repository: events of three tags, in the order that they happened, several at one time among them. */
export const history: fc.Arbitrary<TimelineEvent[]> = fc
  .array(fc.tuple(second, happening), { maxLength: 14 })
  .map((happenings) => happenings.map(([seconds, what], index) => eventOf(seconds, what, index)));

function eventOf(seconds: number, what: { type: TimelineEvent['type'] }, index: number): TimelineEvent {
  const { manifest: found, ...rest } = what as {
    type: TimelineEvent['type'];
    manifest?: { digest: Digest; mediaType: string } | null;
  };
  const sourceId = `event ${index}`;
  return {
    id: deriveId('event', sourceId),
    registry: REGISTRY,
    repository: REPOSITORY,
    actor: 'ci',
    occurredAt: at(seconds),
    receivedAt: at(seconds + 1),
    source: 'test',
    sourceId,
    claims: {},
    ...('manifest' in what ? (found ?? { digest: null, mediaType: null }) : {}),
    ...(rest.type === 'sealAccepted' ? { violationId: 'v', reason: 'because' } : {}),
    ...rest,
  } as unknown as TimelineEvent;
}

const RULE_SETS = [
  [],
  [compileRule({ name: 'releases', tags: { matching: ['v*'] } })],
  [compileRule({ name: 'releases', tags: { matching: ['v*'] }, mode: 'audit' })],
  [compileRule({ name: 'releases', tags: { matching: ['v1'] }, protect: ['overwrite'] })],
  [compileRule({ name: 'all', tags: { all: true }, protect: ['deletion'] })],
];

/** Rules that change up to twice while the history runs. */
export const rules: fc.Arbitrary<RuleHistory> = fc
  .tuple(fc.constantFrom(...RULE_SETS), fc.array(fc.tuple(second, fc.constantFrom(...RULE_SETS)), { maxLength: 2 }))
  .map(([first, changes]) => {
    const revisions = changes.map(([seconds, set]) => ({ effectiveFrom: at(seconds), rules: set }));
    return new RuleHistory([{ effectiveFrom: null, rules: first }, ...revisions]);
  });

const waiver = fc.record({
  tags: fc.constantFrom('v*', 'v1', '**').map((pattern) => ({ matching: [pattern] })),
  permit: fc.constantFrom(['overwrite' as const], ['deletion' as const], undefined),
  digest: fc.option(fc.constantFrom(...IMAGES, ...INDEXES.keys()), { nil: undefined }),
  uses: fc.constantFrom(undefined, 1, 2),
  from: second,
  lasts: fc.integer({ min: 1, max: 8 }),
});

/** Up to two waivers that are live at some time of the history. */
export const waivers: fc.Arbitrary<WaiverBook> = fc
  .array(waiver, { maxLength: 2 })
  .map(
    (all) =>
      new WaiverBook(
        all.map(({ from, lasts, ...definition }, index) =>
          compileWaiver(definition, { id: deriveId('waiver', String(index)), from: at(from), until: at(from + lasts) }),
        ),
      ),
  );

/** The same events as they may arrive: in any order, some of them more than once, in batches of any size. */
export const arrivalsOf = (events: readonly TimelineEvent[]): fc.Arbitrary<TimelineEvent[][]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...events], { minLength: events.length }),
      fc.subarray([...events]),
      fc.infiniteStream(fc.integer({ min: 1, max: 4 })),
    )
    .map(([shuffled, again, sizes]) => batchesOf([...shuffled, ...again], sizes));

function batchesOf(events: TimelineEvent[], sizes: Iterator<number>): TimelineEvent[][] {
  const batches: TimelineEvent[][] = [];
  for (let from = 0; from < events.length; ) {
    const size = sizes.next().value as number;
    batches.push(events.slice(from, from + size));
    from += size;
  }
  return batches;
}
