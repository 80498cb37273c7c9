import { describe, expect, it } from '@jest/globals';
import { addMs, parseInstant } from '../instant.js';
import { digestOfBytes } from '../manifest.js';
import { parseRegistryName } from '../names.js';
import { type Candidate, chooseIncident } from './choose-incident.js';
import type { Arising, IncidentId } from './incident.js';

const START = parseInstant('2026-08-20T09:00:00Z');
const WINDOW_MS = 600_000;
const minute = (minutes: number) => addMs(START, minutes * 60_000);
const B = digestOfBytes(Buffer.from('b'));
const C = digestOfBytes(Buffer.from('c'));
const one = parseRegistryName('one');
const two = parseRegistryName('two');

/** Opened by ci in registry one at 09:00, with B under a tag, its last member at 09:05. */
const candidate = (change: Partial<Candidate['incident']> = {}, digests = [B]): Candidate => ({
  incident: {
    id: 'i1' as IncidentId,
    openedAt: START,
    lastAt: minute(5),
    identity: { registry: one, actor: 'ci' },
    ...change,
  },
  digests: new Set(digests),
});
const violation = (change: Partial<Arising> = {}): Arising => ({
  registry: one,
  actor: 'ci',
  detectedAt: minute(6),
  foundDigest: C,
  ...change,
});
const chosen = (candidates: Candidate[], arising: Arising) =>
  chooseIncident(candidates, arising, WINDOW_MS)?.incident.id ?? null;

describe('A violation joins an incident', () => {
  it.each<[string, Partial<Arising>, string | null]>([
    ['of the same identity', {}, 'i1'],
    ['of the same digest, by somebody else', { actor: 'mallory', foundDigest: B }, 'i1'],
    ['of the same digest, in another registry', { registry: two, foundDigest: B }, 'i1'],
    ['not of somebody else with another digest', { actor: 'mallory' }, null],
    ['not of the same name in another registry', { registry: two }, null],
    ['not by nothing being left of both tags', { actor: 'mallory', foundDigest: null }, null],
    ['not of somebody without a name', { actor: null }, null],
    ['up to a window after its last member', { detectedAt: minute(15) }, 'i1'],
    ['not later', { detectedAt: addMs(minute(15), 1) }, null],
    ['up to a window before its first, when told late', { detectedAt: minute(-10) }, 'i1'],
    ['not earlier', { detectedAt: addMs(minute(-10), -1) }, null],
  ])('%s', (_, change, expected) => {
    expect(chosen([candidate()], violation(change))).toBe(expected);
  });

  it('of nobody without a name, where it has none either', () => {
    const nameless = candidate({ identity: { registry: one, actor: null } });
    expect(chosen([nameless], violation({ actor: null, foundDigest: null }))).toBe('i1');
  });

  it('until six windows after it was opened, however often something happens', () => {
    const endless = candidate({ lastAt: minute(59) });
    expect(chosen([endless], violation({ detectedAt: addMs(minute(60), -1) }))).toBe('i1');
    expect(chosen([endless], violation({ detectedAt: minute(60) }))).toBeNull();
  });

  it('that is the newest, in whatever order they come', () => {
    const newer = candidate({ id: 'i2' as IncidentId, openedAt: minute(1) });
    const same = candidate({ id: 'i3' as IncidentId, openedAt: minute(1) });
    for (const candidates of [
      [candidate(), newer, same],
      [same, newer, candidate()],
    ])
      expect(chosen(candidates, violation())).toBe('i3');
  });

  it('or opens one', () => {
    expect(chosen([], violation())).toBeNull();
  });
});
