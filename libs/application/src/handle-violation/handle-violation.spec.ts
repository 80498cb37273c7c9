import { describe, expect, it } from '@jest/globals';
import { decodeRecorderMessage, type ViolationView } from '#contracts';
import {
  addMs,
  type Digest,
  type Instant,
  parseInstant,
  type Revocation,
  type TagRef,
  type TagRuling,
  VIOLATION_STATES,
  type ViolationId,
} from '#domain';
import type { MessageBus, OutgoingMessage } from '../ports/message-bus.js';
import type { ViolationQueries } from '../ports/record-queries.js';
import {
  type ViolationActions,
  type ViolationDeed,
  ViolationHandling,
  type ViolationInHand,
} from '../ports/violation-handling.js';
import { AcceptViolation, whyNotAcceptable } from './accept-violation.js';
import { restoreViolation, whyNotRestorable } from './restore-violation.js';

const SEALED = `sha256:${'a'.repeat(64)}` as Digest;
const FOUND = `sha256:${'b'.repeat(64)}` as Digest;
const NOW = parseInstant('2026-08-20T10:00:00Z');
const rule = { id: 'r', name: 'releases' };
const RULING: TagRuling = {
  protection: { rule, mode: 'enforce', protect: ['overwrite', 'deletion'], guard: false },
  waivers: [],
};
const REVOCATION: Revocation = { digest: FOUND, reason: 'a backdoor', revokedBy: 'ada', revokedAt: NOW };

const violation = (change: Partial<ViolationInHand> = {}): ViolationInHand => ({
  id: '00000000-0000-8000-8000-000000000001' as ViolationId,
  ref: { registry: 'local', repository: 'team/app', tag: 'v1' } as TagRef,
  kind: 'overwrite',
  state: 'detected',
  detectedAt: parseInstant('2026-08-20T09:00:00Z'),
  sealedDigest: SEALED,
  foundDigest: FOUND,
  isAcknowledged: false,
  endedBy: null,
  current: { digest: FOUND, mediaType: null },
  revoked: { sealed: null, found: null },
  ruling: RULING,
  waiverUses: null,
  ...change,
});

const OPEN = ['detected', 'restoring', 'failed', 'audited'];

describe('A violation can be restored', () => {
  it.each(VIOLATION_STATES)('or not, when it is %s', (state) => {
    expect(whyNotRestorable(violation({ state }), NOW) === null).toBe(OPEN.includes(state));
  });

  it.each([
    ['righted', true],
    ['released', false],
    ['accepted', false],
  ] as const)('or not, when it ended by being %s', (endedBy, can) => {
    expect(whyNotRestorable(violation({ state: 'audited', endedBy }), NOW) === null).toBe(can);
  });

  const live = { id: 'w-1', from: addMs(NOW, -1), until: addMs(NOW, 1), permit: ['overwrite' as const] };
  const waivers = [{ ...live, digest: null, uses: null }];

  it('names the waiver that permits the change', () => {
    expect(whyNotRestorable(violation({ ruling: { ...RULING, waivers } }), NOW)).toContain('the waiver w-1 permits');
    const gone = { kind: 'deletion' as const, foundDigest: null, current: { digest: null, mediaType: null } };
    expect(whyNotRestorable(violation({ ...gone, ruling: { ...RULING, waivers } }), NOW)).toBeNull();
    expect(whyNotRestorable(violation({ endedBy: 'righted', ruling: { ...RULING, waivers } }), NOW)).toBeNull();
  });

  it('not where no rule covers the tag by now, though the recorder has not come to it', () => {
    const reason = whyNotRestorable(violation({ ruling: { protection: null, waivers: [] } }), NOW);
    expect(reason).toContain('no rule covers');
  });

  it('where the rule only audits', () => {
    const protection = { rule, mode: 'audit' as const, protect: ['overwrite' as const], guard: false };
    expect(whyNotRestorable(violation({ state: 'audited', ruling: { protection, waivers: [] } }), NOW)).toBeNull();
  });
});

describe('What was found can be accepted', () => {
  it.each(VIOLATION_STATES)('or not, when it is %s', (state) => {
    expect(whyNotAcceptable(violation({ state })) === null).toBe(OPEN.includes(state));
  });

  it.each([
    ['a tag that is still gone', { foundDigest: null, current: { digest: null, mediaType: null } }, null],
    ['a tag that has moved on', { current: { digest: null, mediaType: null } }, /points at nothing now/],
    ['a tag that was put right', { endedBy: 'righted' }, /no longer stands/],
    ['a tag that no rule covers', { endedBy: 'released' }, /no rule covers/],
  ] as const)('%s', (_what, change, reason) => {
    const found = whyNotAcceptable(violation(change as Partial<ViolationInHand>));
    if (reason === null) expect(found).toBeNull();
    else expect(found).toMatch(reason);
  });
});

class Handling extends ViolationHandling {
  readonly deeds: ViolationDeed[] = [];

  constructor(private readonly change: Partial<ViolationInHand> = {}) {
    super();
  }

  override hold<T>(_id: string, work: (inHand: ViolationInHand, actions: ViolationActions) => Promise<T>): Promise<T> {
    const keep = async (deed: ViolationDeed) => void this.deeds.push(deed);
    return work(violation(this.change), { enforceNow: keep, acknowledge: keep });
  }
}

describe('Restoring by hand', () => {
  it.each([
    [undefined, {}],
    ['the pipeline is fixed', { reason: 'the pipeline is fixed' }],
  ])('is written down with who and why: %s', async (reason, detail) => {
    const handling = new Handling();
    await restoreViolation(handling, 'id', 'ada', NOW, reason);
    expect(handling.deeds).toEqual([{ type: 'restoreRequested', by: 'ada', at: NOW, detail }]);
  });

  it('never puts a revoked digest back', async () => {
    const handling = new Handling({ revoked: { sealed: { ...REVOCATION, digest: SEALED }, found: null } });
    await expect(restoreViolation(handling, 'id', 'ada', NOW)).rejects.toMatchObject({
      code: 'DIGEST_REVOKED',
      message: expect.stringContaining('revoked by ada'),
    });
    expect(handling.deeds).toEqual([]);
  });
});

/** Shows it as accepted at the given look, and notes what was published. */
function acceptanceSeenAt(look: number, change: Partial<ViolationInHand> = {}) {
  const published: OutgoingMessage[] = [];
  let looks = 0;
  const find = async () => ({ state: ++looks >= look ? 'accepted' : 'detected' }) as ViolationView;
  const bus = { publish: async (_topic: string, messages: OutgoingMessage[]) => void published.push(...messages) };
  const patience = { attempts: 3, intervalMs: 1, sleep: async () => undefined };
  const queries = { find } as unknown as ViolationQueries;
  return {
    published,
    acceptance: new AcceptViolation(new Handling(change), queries, bus as unknown as MessageBus, patience),
  };
}

describe('AcceptViolation', () => {
  const request = (at: string) => ({ reason: 'rebuilt', by: 'admin', at: parseInstant(at) });

  it('publishes an event that follows the violation, and waits for what becomes of it', async () => {
    const { published, acceptance } = acceptanceSeenAt(2);
    expect((await acceptance.accept('id', request('2026-08-20T10:00:00Z'))).state).toBe('accepted');
    expect(published.map(({ value }) => decodeRecorderMessage(value))).toEqual([
      {
        kind: 'event',
        event: expect.objectContaining({
          type: 'sealAccepted',
          digest: FOUND,
          reason: 'rebuilt',
          actor: 'admin',
          occurredAt: '2026-08-20T10:00:00.000000Z' as Instant,
        }),
      },
    ]);
  });

  it('refuses a revoked digest, and publishes nothing', async () => {
    const { published, acceptance } = acceptanceSeenAt(1, { revoked: { sealed: null, found: REVOCATION } });
    await expect(acceptance.accept('id', request('2026-08-20T10:00:00Z'))).rejects.toMatchObject({
      code: 'DIGEST_REVOKED',
    });
    expect(published).toEqual([]);
  });

  it('does not wait for ever', async () => {
    const { acceptance } = acceptanceSeenAt(4);
    expect((await acceptance.accept('id', request('2026-08-20T10:00:00Z'))).state).toBe('detected');
  });

  it('puts the acceptance after the violation, whatever the clocks say', async () => {
    const { published, acceptance } = acceptanceSeenAt(1);
    await acceptance.accept('id', request('2026-08-20T08:00:00Z'));
    const [message] = published.map(({ value }) => decodeRecorderMessage(value));
    expect(message).toMatchObject({ event: { occurredAt: '2026-08-20T09:00:00.001000Z' } });
  });
});
