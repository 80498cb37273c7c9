import { describe, expect, test } from '@jest/globals';
import { addMs, parseInstant } from '../instant.js';
import { digestOfBytes } from '../manifest.js';
import { deriveId } from '../registry-event.js';
import type { KeptViolation } from '../tag-timeline/reconcile-violations.js';
import type { Seal } from '../tag-timeline/tag-state.js';
import { decideEnforcement, type EnforcementCase } from './decide-enforcement.js';

const NOW = parseInstant('2026-08-20T09:00:00Z');
const [A, B] = ['a', 'b'].map((name) => digestOfBytes(Buffer.from(name)));
const rule = { id: 'r', name: 'releases' };
const seal = { digest: A, mediaType: null, sealedAt: NOW, sealedBy: deriveId('x'), rule } as Seal;
const policy = { freshMs: 10_000, breakerRestorations: 5 };

const violation = (change: Partial<KeptViolation> = {}): KeptViolation =>
  ({
    id: deriveId('v'),
    kind: 'overwrite',
    event: { occurredAt: NOW, id: deriveId('e') },
    receivedAt: addMs(NOW, -100),
    actor: 'ci',
    sealedDigest: A,
    foundDigest: B,
    rule,
    mode: 'enforce',
    awaitingChildren: false,
    end: null,
    state: 'detected',
    restoredAt: null,
    failure: null,
    version: 1,
    ...change,
  }) as KeptViolation;

const decide = (change: Partial<EnforcementCase>) =>
  decideEnforcement(
    { seal, violations: [violation()], byHand: false, earlierAttempts: 0, recentRestorations: 0, ...change },
    policy,
    NOW,
  );

describe('The enforcer', () => {
  test.each<[string, Partial<EnforcementCase>, string]>([
    ['writes a fresh violation right', {}, 'restore'],
    ['writes nothing without a violation', { violations: [] }, 'nothing'],
    ['writes nothing without a seal', { seal: null }, 'nothing'],
    ['writes nothing for a violation of another seal', { violations: [violation({ sealedDigest: B! })] }, 'nothing'],
    ['writes nothing in audit mode', { violations: [violation({ mode: 'audit', state: 'audited' })] }, 'nothing'],
    [
      'writes nothing for what is closed',
      { violations: [violation({ state: 'accepted' }), violation({ state: 'withdrawn' })] },
      'nothing',
    ],
    [
      'writes nothing while an index is unknown',
      { violations: [violation({ awaitingChildren: true })] },
      'learnChildren',
    ],
    ['stops a fight', { recentRestorations: 5 }, 'stopFight'],
    [
      'restores in audit mode when a person asks',
      { byHand: true, violations: [violation({ mode: 'audit', state: 'audited' })] },
      'restore',
    ],
    ['goes over a tripped breaker when a person asks', { byHand: true, recentRestorations: 9 }, 'restore'],
  ])('%s', (_, change, expected) => expect(decide(change).type).toBe(expected));

  test.each<[string, Partial<EnforcementCase>, boolean]>([
    ['writes first when the event is fresh', {}, false],
    ['reads first when it is old', { violations: [violation({ receivedAt: addMs(NOW, -11_000) })] }, true],
    ['reads first on a second attempt', { earlierAttempts: 1 }, true],
    [
      'reads first when the record has it right already',
      { violations: [violation({ end: { at: { occurredAt: NOW, id: deriveId('e') }, by: 'righted' } })] },
      true,
    ],
    ['reads first when only a part of an index is gone', { violations: [violation({ foundDigest: A! })] }, true],
    [
      'writes first when one of several is fresh',
      { violations: [violation({ receivedAt: addMs(NOW, -11_000) }), violation()] },
      false,
    ],
  ])('%s', (_, change, readFirst) => expect(decide(change)).toMatchObject({ type: 'restore', readFirst }));
});
