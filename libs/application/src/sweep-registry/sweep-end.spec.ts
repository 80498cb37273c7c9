import { describe, expect, it } from '@jest/globals';
import { parseInstant, parseRegistryName } from '#domain';
import type { FinishedSweep } from '../ports/sweeps.js';
import { SweepEnd, sentenceOf } from './sweep-end.js';

const registry = parseRegistryName('local');
const finished: FinishedSweep = {
  registry,
  cause: 'schedule',
  startedAt: parseInstant('2026-08-20T09:00:00Z'),
  seconds: 12.4,
  repositories: 31,
  tags: 1_240,
  differences: 2,
  failures: 0,
  error: null,
};

describe('The end of a sweep', () => {
  it.each([
    [{}, 'local: all 1,240 tags of 31 repositories checked in 12 s; 2 differed.'],
    [{ tags: 1, repositories: 1, differences: 0 }, 'local: all 1 tag of 1 repository checked in 12 s; none differed.'],
    [{ failures: 1 }, 'local: 1,240 tags of 31 repositories checked in 12 s; 2 differed.'],
  ])('%j', (what, sentence) => {
    expect(sentenceOf({ ...finished, ...what })).toBe(sentence);
  });

  it.each([
    [0, 270_000],
    [0.5, 300_000],
    [0.999999, 330_000],
  ])('puts the next one a tenth of the interval more or less away: %d', (random, ms) => {
    const end = new SweepEnd(() => 300_000, {} as never, { random: () => random });
    expect(end.nextInMs(registry)).toBe(ms);
  });
});
