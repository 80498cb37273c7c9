import { describe, expect, it } from '@jest/globals';
import { decodeRecorderMessage, type ViolationView } from '#contracts';
import { type Digest, type Instant, parseInstant, type TagRef, VIOLATION_STATES, type ViolationId } from '#domain';
import type { MessageBus, OutgoingMessage } from '../ports/message-bus.js';
import type { ViolationQueries } from '../ports/record-queries.js';
import { type ViolationActions, ViolationHandling, type ViolationInHand } from '../ports/violation-handling.js';
import { AcceptViolation, whyNotAcceptable } from './accept-violation.js';
import { whyNotRestorable } from './restore-violation.js';

const FOUND = `sha256:${'b'.repeat(64)}` as Digest;

const violation = (change: Partial<ViolationInHand> = {}): ViolationInHand => ({
  id: '00000000-0000-8000-8000-000000000001' as ViolationId,
  ref: { registry: 'local', repository: 'team/app', tag: 'v1' } as TagRef,
  state: 'detected',
  detectedAt: parseInstant('2026-08-20T09:00:00Z'),
  foundDigest: FOUND,
  isAcknowledged: false,
  endedBy: null,
  current: { digest: FOUND, mediaType: null },
  ...change,
});

const OPEN = ['detected', 'restoring', 'failed', 'audited'];

describe('A violation can be restored', () => {
  it.each(VIOLATION_STATES)('or not, when it is %s', (state) => {
    expect(whyNotRestorable(violation({ state })) === null).toBe(OPEN.includes(state));
  });

  it.each([
    ['righted', true],
    ['released', false],
    ['accepted', false],
  ] as const)('or not, when it ended by being %s', (endedBy, can) => {
    expect(whyNotRestorable(violation({ state: 'audited', endedBy })) === null).toBe(can);
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
  override hold<T>(_id: string, work: (inHand: ViolationInHand, actions: ViolationActions) => Promise<T>): Promise<T> {
    return work(violation(), {} as ViolationActions);
  }
}

/** Shows it as accepted at the given look, and notes what was published. */
function acceptanceSeenAt(look: number) {
  const published: OutgoingMessage[] = [];
  let looks = 0;
  const find = async () => ({ state: ++looks >= look ? 'accepted' : 'detected' }) as ViolationView;
  const bus = { publish: async (_topic: string, messages: OutgoingMessage[]) => void published.push(...messages) };
  const patience = { attempts: 3, intervalMs: 1, sleep: async () => undefined };
  const queries = { find } as unknown as ViolationQueries;
  return {
    published,
    acceptance: new AcceptViolation(new Handling(), queries, bus as unknown as MessageBus, patience),
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
