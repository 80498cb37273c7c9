import { describe, expect, test } from '@jest/globals';
import {
  addMs,
  deriveId,
  digestOfBytes,
  type FoldedViolation,
  parseInstant,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  type TagRef,
  type ViolationId,
} from '#domain';
import { CatchTally } from './catch-tally.js';

const START = parseInstant('2026-08-20T09:00:00Z');
const SEALED = digestOfBytes(Buffer.from('sealed'));

const refOf = (tag: string): TagRef => ({
  registry: parseRegistryName('local'),
  repository: parseRepositoryName('team/app'),
  tag: parseTagName(tag),
});

function violation(seconds: number, fields: Partial<FoldedViolation> = {}): FoldedViolation {
  const event = { occurredAt: addMs(START, seconds * 1_000), id: deriveId('event', String(seconds)) };
  return {
    id: deriveId('violation', String(seconds)) as string as ViolationId,
    kind: 'overwrite',
    event,
    receivedAt: event.occurredAt,
    actor: 'ci',
    sealedDigest: SEALED,
    foundDigest: null,
    rule: { id: 'previewed', name: 'previewed' },
    mode: 'enforce',
    awaitingChildren: false,
    end: null,
    waiverId: null,
    ...fields,
  };
}

const permitted = (seconds: number) => {
  const { event } = violation(seconds);
  return violation(seconds, { end: { at: event, by: 'waived' }, waiverId: 'w' });
};

describe('The tally of what a rule would have caught', () => {
  test('counts by kind, tag and actor, most first', () => {
    const tally = new CatchTally();
    tally.add(refOf('v1'), [violation(1, { actor: null })]);
    tally.add(refOf('v2'), [violation(2), violation(3, { kind: 'deletion', awaitingChildren: true })]);
    expect(tally.result()).toEqual({
      ...{ violations: 3, overwrites: 2, deletions: 1, uncertain: 1, waived: 0, truncated: false },
      tags: [
        { ...refOf('v2'), violations: 2, actors: ['ci'], lastAt: addMs(START, 3_000) },
        { ...refOf('v1'), violations: 1, actors: [null], lastAt: addMs(START, 1_000) },
      ],
      actors: [
        { actor: 'ci', violations: 2, tags: 1 },
        { actor: null, violations: 1, tags: 1 },
      ],
    });
  });

  test('counts a permitted change apart, and one that a later waiver put right as caught', () => {
    const tally = new CatchTally();
    const waivedLater = violation(1, { end: { at: violation(9).event, by: 'waived' }, waiverId: 'w' });
    tally.add(refOf('v1'), [waivedLater, permitted(2)]);
    tally.add(refOf('v2'), [permitted(3)]);
    expect(tally.result()).toMatchObject({ violations: 1, waived: 2, tags: [{ tag: 'v1', violations: 1 }] });
  });

  test('lists the most only, and says that there are more', () => {
    const tally = new CatchTally();
    for (let tag = 0; tag < 501; tag += 1) {
      tally.add(refOf(`v${tag}`), tag === 500 ? [violation(1), violation(2)] : [violation(1)]);
    }
    const { tags, truncated, violations } = tally.result();
    expect({ listed: tags.length, truncated, violations, first: tags[0]?.tag }).toEqual({
      ...{ listed: 500, truncated: true, violations: 502, first: 'v500' },
    });
  });
});
