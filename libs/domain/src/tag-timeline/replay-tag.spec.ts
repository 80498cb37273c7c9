import { describe, expect, test } from '@jest/globals';
import { addMs, parseInstant } from '../instant.js';
import { digestOfBytes } from '../manifest.js';
import { type Digest, parseRegistryName, parseRepositoryName, parseTagName } from '../names.js';
import { deriveId, type TimelineEvent } from '../registry-event.js';
import { compileRule, compileWaiver, type RuleDefinition, WaiverBook } from '../rules/index.js';
import { protectionBy, replayTag } from './replay-tag.js';

const START = parseInstant('2026-08-20T09:00:00Z');
const at = (seconds: number) => addMs(START, seconds * 1_000);
const ref = {
  registry: parseRegistryName('local'),
  repository: parseRepositoryName('team/app'),
  tag: parseTagName('v1'),
};
const [A, B, C, INDEX] = ['a', 'b', 'c', 'index'].map((name) => digestOfBytes(Buffer.from(name))) as [
  Digest,
  Digest,
  Digest,
  Digest,
];
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

type Step = [seconds: number, type: TimelineEvent['type'], digest?: Digest, mediaType?: string];

const event = ([seconds, type, digest, mediaType = 'image']: Step, index: number): TimelineEvent =>
  ({
    ...ref,
    id: deriveId('event', String(index)),
    type,
    actor: 'ci',
    occurredAt: at(seconds),
    receivedAt: at(seconds),
    source: 'test',
    sourceId: String(index),
    claims: {},
    ...(digest === undefined ? {} : { digest, mediaType }),
  }) as TimelineEvent;

function replay(
  steps: Step[],
  window: [from: number, to: number],
  rule: Partial<RuleDefinition> = {},
  waivers = new WaiverBook([]),
) {
  const compiled = compileRule({ name: 'previewed', tags: { all: true }, enabled: false, ...rule });
  return replayTag(steps.map(event), {
    ref,
    protection: protectionBy(compiled, ref),
    window: { from: at(window[0]), to: at(window[1]) },
    waivers: waivers.of(ref),
    settleMs: 5_000,
    childrenOf: (digest) => (digest === INDEX ? [A] : null),
  }).map(({ kind, sealedDigest, foundDigest, end }) => [kind, sealedDigest, foundDigest, end?.by ?? null]);
}

const PUSHES: Step[] = [
  [0, 'pushed', A],
  [10, 'pushed', B],
  [20, 'pushed', C],
];

describe('The replay of a rule', () => {
  test.each<[string, Step[], [number, number], ReturnType<typeof replay>]>([
    ['seals what the tag points at when the window begins', PUSHES, [15, 60], [['overwrite', B, C, null]]],
    ['puts the seal before an event of that very time', PUSHES, [10, 15], [['overwrite', A, B, null]]],
    ['ends before an event of the end', PUSHES, [5, 20], [['overwrite', A, B, null]]],
    [
      'seals the first push of a tag that did not exist',
      PUSHES,
      [-5, 60],
      [
        ['overwrite', A, B, null],
        ['overwrite', A, C, null],
      ],
    ],
    [
      'seals nothing where the tag was gone',
      [
        [0, 'pushed', A],
        [1, 'tagDeleted'],
        [10, 'pushed', B],
        [11, 'tagDeleted'],
      ],
      [5, 60],
      [['deletion', B, null, null]],
    ],
    ['sees the sealed digest come back', [...PUSHES, [30, 'pushed', B]], [15, 60], [['overwrite', B, C, 'righted']]],
    [
      'lets an index take the seal over while it settles, counted from the switch',
      [
        [0, 'pushed', A],
        [19, 'pushed', INDEX, INDEX_TYPE],
      ],
      [15, 60],
      [],
    ],
    [
      'does not after that',
      [
        [0, 'pushed', A],
        [21, 'pushed', INDEX, INDEX_TYPE],
      ],
      [15, 60],
      [['overwrite', A, INDEX, null]],
    ],
  ])('%s', (_, steps, window, expected) => {
    expect(replay(steps, window)).toEqual(expected);
  });

  test('finds nothing where the rule does not cover the tag', () => {
    expect(replay(PUSHES, [5, 60], { tags: { matching: ['v2'] } })).toEqual([]);
  });

  test('finds only what the rule protects against', () => {
    expect(replay([...PUSHES, [30, 'tagDeleted']], [15, 60], { protect: ['deletion'] })).toEqual([
      ['deletion', C, null, null],
    ]);
  });

  test('honours the waivers of the time', () => {
    const live = { id: 'w', from: at(9), until: at(11) };
    const waivers = new WaiverBook([compileWaiver({ tags: { all: true } }, live)]);
    expect(replay(PUSHES, [5, 60], {}, waivers)).toEqual([
      ['overwrite', A, B, 'waived'],
      ['overwrite', B, C, null],
    ]);
  });

  test('knows nothing of a waiver that begins with the end of the window', () => {
    const live = { id: 'w', from: at(20), until: at(30) };
    const waivers = new WaiverBook([compileWaiver({ tags: { all: true } }, live)]);
    expect(replay(PUSHES, [5, 20], {}, waivers)).toEqual([['overwrite', A, B, null]]);
  });
});
