import { describe, expect, test } from '@jest/globals';
import { addMs, type Instant, parseInstant } from '../instant.js';
import { digestOfBytes } from '../manifest.js';
import { type Digest, parseRegistryName, parseRepositoryName, parseTagName } from '../names.js';
import { deriveId, type TimelineEvent } from '../registry-event.js';
import { compileRule, type RuleDefinition, RuleHistory } from '../rules/index.js';
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
) {
  return foldTag(EMPTY_TAG, steps.map(event), {
    subject: 'local/team/app:v1',
    coverage: rules.coverageOf(ref),
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
