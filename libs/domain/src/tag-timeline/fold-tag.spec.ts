import { describe, expect, test } from '@jest/globals';
import { addMs, type Instant, parseInstant } from '../instant.js';
import { digestOfBytes } from '../manifest.js';
import { type Digest, parseRegistryName, parseRepositoryName, parseTagName } from '../names.js';
import { deriveId, type TimelineEvent } from '../registry-event.js';
import {
  compileRule,
  compileWaiver,
  NO_WAIVERS,
  type RuleDefinition,
  RuleHistory,
  WaiverBook,
  type WaiverDefinition,
} from '../rules/index.js';
import { foldTag } from './fold-tag.js';
import { EMPTY_TAG } from './tag-state.js';

const START = parseInstant('2026-08-20T09:00:00Z');
const ref = {
  registry: parseRegistryName('local'),
  repository: parseRepositoryName('team/app'),
  tag: parseTagName('v1'),
};
const [A, B, INDEX] = ['a', 'b', 'index'].map((name) => digestOfBytes(Buffer.from(name))) as [Digest, Digest, Digest];
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

type Step = [seconds: number, type: TimelineEvent['type'], digest?: Digest | null, mediaType?: string];

const event = ([seconds, type, digest, mediaType = 'image']: Step, index: number): TimelineEvent =>
  ({
    ...ref,
    id: deriveId('event', String(index)),
    type,
    actor: 'ci',
    occurredAt: addMs(START, seconds * 1_000),
    receivedAt: addMs(START, seconds * 1_000),
    source: 'test',
    sourceId: String(index),
    claims: {},
    ...(digest === undefined ? {} : { digest, mediaType }),
  }) as TimelineEvent;

const rule = (definition: Partial<RuleDefinition> = {}) => [
  compileRule({ name: 'releases', tags: { all: true }, ...definition }),
];
const always = (definition?: Partial<RuleDefinition>) =>
  new RuleHistory([{ effectiveFrom: null, rules: rule(definition) }]);

function fold(
  steps: Step[],
  rules: RuleHistory = always(),
  children: ReadonlyMap<Digest, Digest[]> = new Map([[INDEX, [A]]]),
  waivers: WaiverBook = NO_WAIVERS,
) {
  return foldTag(EMPTY_TAG, steps.map(event), {
    subject: 'local/team/app:v1',
    coverage: rules.coverageOf(ref),
    waivers: waivers.of(ref),
    until: addMs(START, 3_600_000),
    settleMs: 60_000,
    childrenOf: (digest) => children.get(digest) ?? null,
  });
}

const told = (changes: ReturnType<typeof fold>) =>
  changes.violations.map(({ kind, sealedDigest, foundDigest, end }) => [
    kind,
    sealedDigest,
    foundDigest,
    end?.by ?? 'stands',
  ]);

describe('Given a tag that a rule covers', () => {
  test.each<[string, Step[], Digest | null, unknown[]]>([
    ['a first push seals it', [[1, 'pushed', A]], A, []],
    [
      'the same digest again is no violation',
      [
        [1, 'pushed', A],
        [2, 'pushed', A],
      ],
      A,
      [],
    ],
    [
      'another digest is an overwrite',
      [
        [1, 'pushed', A],
        [2, 'pushed', B],
      ],
      A,
      [['overwrite', A, B, 'stands']],
    ],
    [
      'the wrong digest again is no second violation',
      [
        [1, 'pushed', A],
        [2, 'pushed', B],
        [3, 'pushed', B],
      ],
      A,
      [['overwrite', A, B, 'stands']],
    ],
    [
      'the sealed digest ends the violation',
      [
        [1, 'pushed', A],
        [2, 'pushed', B],
        [3, 'pushed', A],
      ],
      A,
      [['overwrite', A, B, 'righted']],
    ],
    [
      'a deleted tag is a deletion',
      [
        [1, 'pushed', A],
        [2, 'tagDeleted'],
      ],
      A,
      [['deletion', A, null, 'stands']],
    ],
    [
      'its manifest deleted is a deletion',
      [
        [1, 'pushed', A],
        [2, 'manifestDeleted', A],
      ],
      A,
      [['deletion', A, null, 'stands']],
    ],
    [
      'another manifest deleted is none',
      [
        [1, 'pushed', A],
        [2, 'manifestDeleted', B],
      ],
      A,
      [],
    ],
    [
      'its repository deleted is a deletion',
      [
        [1, 'pushed', A],
        [2, 'repositoryDeleted'],
      ],
      A,
      [['deletion', A, null, 'stands']],
    ],
    [
      'manifest and tag deleted in one is one deletion',
      [
        [1, 'pushed', A],
        [2, 'manifestDeleted', A],
        [2, 'tagDeleted'],
      ],
      A,
      [['deletion', A, null, 'stands']],
    ],
    [
      'the seal outlives the tag',
      [
        [1, 'pushed', A],
        [2, 'tagDeleted'],
        [3, 'pushed', B],
      ],
      A,
      [
        ['deletion', A, null, 'stands'],
        ['overwrite', A, B, 'stands'],
      ],
    ],
    [
      'found gone by the sweep is a deletion',
      [
        [1, 'pushed', A],
        [2, 'observed', null],
      ],
      A,
      [['deletion', A, null, 'stands']],
    ],
    ['found by the sweep it is sealed', [[1, 'observed', A]], A, []],
    [
      'accepting what was found makes it the seal',
      [
        [1, 'pushed', A],
        [2, 'pushed', B],
        [3, 'sealAccepted', B],
      ],
      B,
      [['overwrite', A, B, 'accepted']],
    ],
    [
      'accepting a deletion gives up the seal',
      [
        [1, 'pushed', A],
        [2, 'tagDeleted'],
        [3, 'sealAccepted', null],
      ],
      null,
      [['deletion', A, null, 'accepted']],
    ],
  ])('%s', (_, steps, seal, violations) => {
    const changes = fold(steps);
    expect(changes.state.seal?.digest ?? null).toBe(seal);
    expect(told(changes)).toEqual(violations);
  });
});

describe('Settling', () => {
  test('an index that lists the seal takes its place within the window', () => {
    const changes = fold([
      [1, 'pushed', A],
      [50, 'pushed', INDEX, INDEX_TYPE],
    ]);
    expect(changes.state.seal).toMatchObject({ digest: INDEX, sealedAt: addMs(START, 1_000) });
    expect(changes.violations).toEqual([]);
  });

  test('after the window it is an overwrite', () => {
    expect(
      told(
        fold([
          [1, 'pushed', A],
          [62, 'pushed', INDEX, INDEX_TYPE],
        ]),
      ),
    ).toEqual([['overwrite', A, INDEX, 'stands']]);
  });

  test('an index that does not list the seal is an overwrite', () => {
    expect(
      told(
        fold([
          [1, 'pushed', B],
          [2, 'pushed', INDEX, INDEX_TYPE],
        ]),
      ),
    ).toEqual([['overwrite', B, INDEX, 'stands']]);
  });

  test('while its children are unknown the violation waits', () => {
    const changes = fold(
      [
        [1, 'pushed', A],
        [2, 'pushed', INDEX, INDEX_TYPE],
      ],
      always(),
      new Map(),
    );
    expect(changes.violations).toMatchObject([{ awaitingChildren: true }]);
    expect(changes.unknownIndexes).toEqual([INDEX]);
  });

  test('a second child under the tag is put right when the index settles', () => {
    const changes = fold([
      [1, 'pushed', A],
      [2, 'pushed', B],
      [3, 'pushed', INDEX, INDEX_TYPE],
    ]);
    expect(changes.state.seal?.digest).toBe(INDEX);
    expect(told(changes)).toEqual([['overwrite', A, B, 'righted']]);
  });

  test.each(['ci', 'somebody else'])('does not look at who pushes the index: %s', (actor) => {
    const steps: Step[] = [
      [1, 'pushed', A],
      [5, 'pushed', INDEX, INDEX_TYPE],
    ];
    const changes = foldTag(
      EMPTY_TAG,
      steps.map((step, index) => ({ ...event(step, index), actor: index === 0 ? 'ci' : actor })),
      {
        subject: 'local/team/app:v1',
        coverage: always().coverageOf(ref),
        waivers: [],
        until: addMs(START, 3_600_000),
        settleMs: 60_000,
        childrenOf: () => [A],
      },
    );
    expect([changes.state.seal?.digest, changes.violations]).toEqual([INDEX, []]);
  });
});

describe('A sealed index', () => {
  test('that loses a child is broken: a deletion, though the tag stands', () => {
    const changes = fold([
      [1, 'pushed', INDEX, INDEX_TYPE],
      [2, 'manifestDeleted', A],
    ]);
    expect(told(changes)).toEqual([['deletion', INDEX, INDEX, 'stands']]);
    expect(changes.state.binding?.digest).toBe(INDEX);
  });
});

describe('What a rule protects', () => {
  test('deletion apart: an overwrite moves the seal', () => {
    const changes = fold(
      [
        [1, 'pushed', A],
        [2, 'pushed', B],
        [3, 'tagDeleted'],
      ],
      always({ protect: ['deletion'] }),
    );
    expect(told(changes)).toEqual([['deletion', B, null, 'stands']]);
  });

  test('overwrite apart: a deletion is none, but the seal outlives it', () => {
    const changes = fold(
      [
        [1, 'pushed', A],
        [2, 'tagDeleted'],
        [3, 'pushed', B],
      ],
      always({ protect: ['overwrite'] }),
    );
    expect(told(changes)).toEqual([['overwrite', A, B, 'stands']]);
  });
});

describe('A rule that changes', () => {
  const switched = (...revisions: [Instant | null, RuleDefinition | null][]) =>
    new RuleHistory(
      revisions.map(([effectiveFrom, definition]) => ({
        effectiveFrom,
        rules: definition === null ? [] : rule(definition),
      })),
    );
  const ALL: RuleDefinition = { name: 'releases', tags: { all: true } };

  test('switched off frees the tag at once; what stood is released', () => {
    const changes = fold(
      [
        [1, 'pushed', A],
        [2, 'pushed', B],
      ],
      switched([null, ALL], [addMs(START, 10_000), null]),
    );
    expect(changes.state.seal).toBeNull();
    expect(told(changes)).toEqual([['overwrite', A, B, 'released']]);
  });

  test('switched on seals nothing that was not seen since', () => {
    const rules = switched([null, null], [addMs(START, 10_000), ALL]);
    expect(fold([[1, 'pushed', A]], rules).state.seal).toBeNull();
    expect(
      fold(
        [
          [1, 'pushed', A],
          [11, 'observed', A],
        ],
        rules,
      ).state.seal?.digest,
    ).toBe(A);
  });

  test('an event from before the change is judged by the rules of its time', () => {
    expect(
      told(
        fold(
          [
            [1, 'pushed', A],
            [2, 'pushed', B],
          ],
          switched([null, null], [addMs(START, 10_000), ALL]),
        ),
      ),
    ).toEqual([]);
  });
});

describe('A waiver', () => {
  const live = (id: string, from: number, until: number, definition: Partial<WaiverDefinition> = {}) =>
    compileWaiver(
      { tags: { matching: ['v*'] }, ...definition },
      { id, from: addMs(START, from * 1_000), until: addMs(START, until * 1_000) },
    );
  const waived = (steps: Step[], ...waivers: ReturnType<typeof live>[]) =>
    fold(steps, always(), undefined, new WaiverBook(waivers));

  test.each<[string, Step[], ReturnType<typeof live>, Digest | null, unknown[]]>([
    [
      'permits an overwrite: the new digest becomes the seal',
      [
        [1, 'pushed', A],
        [5, 'pushed', B],
      ],
      live('w', 4, 9),
      B,
      [['overwrite', A, B, 'waived']],
    ],
    [
      'permits nothing before it begins; what it finds wrong when it begins it permits',
      [
        [1, 'pushed', A],
        [2, 'pushed', B],
      ],
      live('w', 4, 9),
      B,
      [['overwrite', A, B, 'waived']],
    ],
    [
      'permits nothing from its end on',
      [
        [1, 'pushed', A],
        [9, 'pushed', B],
      ],
      live('w', 4, 9),
      A,
      [['overwrite', A, B, 'stands']],
    ],
    [
      'for one digest permits that one alone',
      [
        [1, 'pushed', A],
        [5, 'pushed', B],
      ],
      live('w', 4, 9, { digest: INDEX }),
      A,
      [['overwrite', A, B, 'stands']],
    ],
    [
      'for one digest permits no deletion',
      [
        [1, 'pushed', A],
        [5, 'tagDeleted'],
      ],
      live('w', 4, 9, { digest: B }),
      A,
      [['deletion', A, null, 'stands']],
    ],
    [
      'for another tag is none',
      [
        [1, 'pushed', A],
        [5, 'pushed', B],
      ],
      live('w', 4, 9, { tags: { matching: ['release-*'] } }),
      A,
      [['overwrite', A, B, 'stands']],
    ],
    [
      'permits a deletion: nothing is sealed then, and a new push seals anew',
      [
        [1, 'pushed', A],
        [5, 'tagDeleted'],
        [20, 'pushed', B],
      ],
      live('w', 4, 9),
      B,
      [['deletion', A, null, 'waived']],
    ],
    [
      'for overwrites permits no deletion',
      [
        [1, 'pushed', A],
        [5, 'tagDeleted'],
      ],
      live('w', 4, 9, { permit: ['overwrite'] }),
      A,
      [['deletion', A, null, 'stands']],
    ],
    [
      'is used up after so many changes',
      [
        [1, 'pushed', A],
        [5, 'pushed', B],
        [6, 'pushed', A],
      ],
      live('w', 4, 9, { uses: 1 }),
      B,
      [
        ['overwrite', A, B, 'waived'],
        ['overwrite', B, A, 'stands'],
      ],
    ],
    [
      'permits one push of several manifests: the index is no second use',
      [
        [1, 'pushed', B],
        [5, 'pushed', A],
        [6, 'pushed', INDEX, INDEX_TYPE],
      ],
      live('w', 4, 9, { uses: 1 }),
      INDEX,
      [['overwrite', B, A, 'waived']],
    ],
  ])('%s', (_, steps, waiver, sealed, violations) => {
    const changes = waived(steps, waiver);
    expect(changes.state.seal?.digest ?? null).toBe(sealed);
    expect(told(changes)).toEqual(violations);
  });

  test('is written on the binding that it permitted, and on the violation', () => {
    const steps: Step[] = [
      [1, 'pushed', A],
      [5, 'pushed', B],
      [6, 'tagDeleted'],
    ];
    const { bindings, violations } = waived(steps, live('w', 4, 9));
    expect(bindings.map(({ boundUnder, unboundUnder }) => [boundUnder, unboundUnder])).toEqual([
      [null, null],
      ['w', 'w'],
    ]);
    expect(violations.map(({ waiverId }) => waiverId)).toEqual(['w', 'w']);
  });

  test('that is used up gives way to the next one', () => {
    const steps: Step[] = [
      [1, 'pushed', A],
      [5, 'pushed', B],
      [6, 'pushed', A],
      [7, 'pushed', B],
    ];
    const { violations } = waived(steps, live('w1', 4, 9, { uses: 1 }), live('w2', 4, 9, { uses: 1 }));
    expect(violations.map(({ waiverId }) => waiverId)).toEqual(['w1', 'w2', null]);
  });

  test('counts its uses across folds', () => {
    const context = (until: number) => ({
      subject: 'local/team/app:v1',
      coverage: always().coverageOf(ref),
      waivers: new WaiverBook([live('w', 4, 9, { uses: 1 })]).of(ref),
      until: addMs(START, until * 1_000),
      settleMs: 0,
      childrenOf: () => [],
    });
    const first = foldTag(EMPTY_TAG, [[1, 'pushed', A] as Step, [5, 'pushed', B] as Step].map(event), context(5));
    const later = event([6, 'pushed', A], 2);
    expect(foldTag(first.state, [later], context(7)).violations.map(({ end }) => end)).toEqual([null]);
  });
});
