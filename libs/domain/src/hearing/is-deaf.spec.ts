import { describe, expect, it } from '@jest/globals';
import { parseInstant } from '../instant.js';
import { type HearingEvidence, isDeaf } from './is-deaf.js';

const at = (time: string) => parseInstant(`2026-08-20T${time}:00Z`);
const NOTHING = { startedAt: at('09:10'), overwritten: 0, deleted: 0, appeared: 0 };
const one = (what: 'overwritten' | 'deleted' | 'appeared') => ({ sweep: { ...NOTHING, [what]: 1 } });
const base: HearingEvidence = {
  sweep: NOTHING,
  previousStartedAt: at('09:05'),
  sameRules: true,
  tellsDeletions: true,
  lastHeardAt: at('09:00'),
};

describe('A registry is deaf', () => {
  it.each<[string, Partial<HearingEvidence>, boolean]>([
    ['where nothing differs, however long it was silent', {}, false],
    ['where a tag was overwritten and nothing was heard', one('overwritten'), true],
    ['where a tag was deleted', one('deleted'), true],
    ['not where its kind never tells of deletions', { ...one('deleted'), tellsDeletions: false }, false],
    [
      'where it tells of no deletions, and a tag was overwritten',
      { ...one('overwritten'), tellsDeletions: false },
      true,
    ],
    ['where a tag came into being', one('appeared'), true],
    ['not where a new rule made it look there', { ...one('appeared'), sameRules: false }, false],
    ['where the rules changed, and a known tag was overwritten', { ...one('overwritten'), sameRules: false }, true],
    ['where it was never heard', { ...one('overwritten'), lastHeardAt: null }, true],
    ['not where it was heard while the sweep before ran', { ...one('overwritten'), lastHeardAt: at('09:05') }, false],
    ['not where it was heard within the minute before', { ...one('overwritten'), lastHeardAt: at('09:04') }, false],
    ['not where a late notification came after the sweep', { ...one('overwritten'), lastHeardAt: at('09:12') }, false],
    ['not by its first sweep', { ...one('overwritten'), previousStartedAt: null }, false],
  ])('%s', (_, change, expected) => {
    expect(isDeaf({ ...base, ...change })).toBe(expected);
  });
});
