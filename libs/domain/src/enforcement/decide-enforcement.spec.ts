import { describe, expect, test } from '@jest/globals';
import { addMs, parseInstant } from '../instant.js';
import { digestOfBytes } from '../manifest.js';
import { deriveId } from '../registry-event.js';
import type { WaiverWindow } from '../rules/index.js';
import type { KeptViolation } from '../tag-timeline/reconcile-violations.js';
import type { Seal } from '../tag-timeline/tag-state.js';
import { decideEnforcement, type EnforcementCase } from './decide-enforcement.js';
import type { TagRuling } from './hindrance.js';
import { explainRevocation, type Revocation } from './revocation.js';

const NOW = parseInstant('2026-08-20T09:00:00Z');
const [A, B] = ['a', 'b'].map((name) => digestOfBytes(Buffer.from(name)));
const rule = { id: 'r', name: 'releases' };
const seal = { digest: A, mediaType: null, sealedAt: NOW, sealedBy: deriveId('x'), rule } as Seal;
const policy = { freshMs: 10_000, breakerRestorations: 5, breakerWindowMs: 600_000 };
const ENFORCED: TagRuling = {
  protection: { rule, mode: 'enforce', protect: ['overwrite', 'deletion'], guard: false },
  waivers: [],
};

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

const decide = (change: Partial<EnforcementCase>, ruling = ENFORCED) =>
  decideEnforcement(
    {
      ...{ seal, violations: [violation()], byHand: false, earlierAttempts: 0, recentRestorations: 0 },
      ...{ breaker: null, revocation: null, waiverUses: null },
      ...change,
    },
    ruling,
    policy,
    NOW,
  );

const waiver = (change: Partial<WaiverWindow> = {}): WaiverWindow => ({
  ...{ id: 'w', from: addMs(NOW, -1_000), until: addMs(NOW, 1_000), permit: ['overwrite', 'deletion'] },
  ...{ digest: null, uses: null },
  ...change,
});
const breaker = { trippedAt: addMs(NOW, -3_600_000), reason: 'a fight' };
const revocation: Revocation = { digest: A!, reason: 'It holds a backdoor.', revokedBy: 'ada', revokedAt: NOW };

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
    ['goes over a tripped breaker when a person asks', { byHand: true, recentRestorations: 9, breaker }, 'restore'],
    ['leaves a fight that was stopped, however long ago', { breaker }, 'leaveFight'],
    ['trips a tripped breaker no second time', { breaker, recentRestorations: 5 }, 'leaveFight'],
    ['never puts a revoked digest back', { revocation }, 'refuseRevoked'],
    ['never puts a revoked digest back, not by hand either', { revocation, byHand: true }, 'refuseRevoked'],
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

  const protection = ENFORCED.protection!;
  const unprotected: TagRuling = { ...ENFORCED, protection: { ...protection, protect: ['deletion'] } };
  const audited: TagRuling = { ...ENFORCED, protection: { ...protection, mode: 'audit' } };
  const free: TagRuling = { protection: null, waivers: [] };
  const waived = (change: Partial<WaiverWindow> = {}): TagRuling => ({ ...ENFORCED, waivers: [waiver(change)] });

  test.each<[string, TagRuling, string, string]>([
    ['the rule was switched off', free, 'notCovered', 'notCovered'],
    ['the rule only audits now', audited, 'onlyAudits', 'restore'],
    ['the rule allows such a change now', unprotected, 'onlyAudits', 'restore'],
    ['a waiver permits the change', waived(), 'permitted', 'permitted'],
    ['a waiver permits the change to this digest', waived({ digest: B! }), 'permitted', 'permitted'],
    ['a waiver permits another digest', waived({ digest: A! }), 'restore', 'restore'],
    ['a waiver permits deletions', waived({ permit: ['deletion'] }), 'restore', 'restore'],
    ['a waiver has run out', waived({ until: NOW }), 'restore', 'restore'],
    ['a waiver begins later', waived({ from: addMs(NOW, 1) }), 'restore', 'restore'],
    ['a waiver with a number of uses has one left', waived({ uses: 2 }), 'permitted', 'permitted'],
    ['a waiver is used up', waived({ uses: 1 }), 'restore', 'restore'],
  ])('asks the rules and waivers of this moment: %s', (_, ruling, byItself, byHand) => {
    const outcome = (hand: boolean) => {
      const decision = decide({ byHand: hand, waiverUses: { w: 1 } }, ruling);
      return decision.type === 'nothing' ? decision.because.type : decision.type;
    };
    expect([outcome(false), outcome(true)]).toEqual([byItself, byHand]);
  });

  test('judges a waiver by the last change that stands', () => {
    const later = violation({ foundDigest: A!, event: { occurredAt: addMs(NOW, 1), id: deriveId('later') } });
    const ruling = waived({ digest: B! });
    expect(decide({ violations: [later, violation()] }, ruling).type).toBe('restore');
    const ended = { ...later, end: { at: later.event, by: 'righted' as const } };
    expect(decide({ violations: [ended] }, waived()).type).toBe('restore');
  });

  test('lets a restore of one kind go on where the rule protects another kind that is violated too', () => {
    const deletion = violation({ kind: 'deletion', foundDigest: null });
    expect(decide({ violations: [violation(), deletion] }, unprotected).type).toBe('restore');
  });
});

describe('A revocation is explained', () => {
  test('by who did it, when and why', () => {
    expect(explainRevocation(A!, revocation)).toBe(
      `The digest ${A} was revoked by ada at 2026-08-20T09:00:00.000000Z (It holds a backdoor).`,
    );
    expect(explainRevocation(B!, revocation)).toContain(`The index ${B} lists ${A}, which was revoked`);
  });
});
