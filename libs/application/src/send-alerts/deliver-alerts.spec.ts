import { describe, expect, it, jest } from '@jest/globals';
import { addMs, instantOf, type Violation } from '#domain';
import { AlertChannel, AlertDeliveryError, type DeliveryReceipt } from '../ports/alert-channel.js';
import { AlertDeliveries, type AttemptOutcome, type ClaimedDelivery } from '../ports/alert-deliveries.js';
import { Log } from '../ports/log.js';
import { DeliverAlerts } from './deliver-alerts.js';
import { RETRY_POLICY, retryDelayMs } from './retry-policy.js';

const T0 = instantOf(1_800_000_000_000);
const violation = { id: 'v1', registry: 'local', repository: 'acme/app', tag: 'v1.0' } as Violation;

const claimed = (attempt: number, id = '1'): ClaimedDelivery => ({
  id,
  channel: 'ops',
  attempt,
  alert: { dedupKey: 'v1', messageId: 'm1', change: 'detected', resolves: false, violation, incident: null, at: T0 },
});

class ClaimsOnce extends AlertDeliveries {
  readonly outcomes: AttemptOutcome[] = [];
  readonly claims: unknown[] = [];
  constructor(private due: ClaimedDelivery[]) {
    super();
  }
  async enqueue() {}
  async claim(options: unknown) {
    this.claims.push(options);
    return this.due.splice(0);
  }
  async record(_delivery: ClaimedDelivery, outcome: AttemptOutcome) {
    this.outcomes.push(outcome);
  }
  async list() {
    return { items: [], nextCursor: null };
  }
}

class ChannelStub extends AlertChannel {
  readonly name = 'ops';
  constructor(private readonly answer: () => Promise<DeliveryReceipt>) {
    super();
  }
  send() {
    return this.answer();
  }
}

class LogRecorder extends Log {
  readonly debug = jest.fn();
  readonly info = jest.fn();
  readonly warn = jest.fn();
  readonly error = jest.fn();
}

async function deliver(answer: () => Promise<DeliveryReceipt>, due: ClaimedDelivery[]) {
  const store = new ClaimsOnce(due);
  const log = new LogRecorder();
  const made = await new DeliverAlerts(
    store,
    log,
    () => T0,
    () => 1,
  ).deliverDue(new ChannelStub(answer));
  return { store, log, made, outcome: store.outcomes[0] };
}
const refusing = (options: { retriable: boolean; status?: number; retryAfterMs?: number }) => async () => {
  throw new AlertDeliveryError('https://hooks.example answered 503.', options);
};

describe('DeliverAlerts', () => {
  it('claims under a lease and records the delivery', async () => {
    const { store, outcome, made } = await deliver(async () => ({ status: 204 }), [claimed(1)]);
    expect(store.claims).toEqual([{ channel: 'ops', limit: 4, now: T0, leaseUntil: addMs(T0, 60_000) }]);
    expect(outcome).toEqual({ type: 'delivered', at: T0, durationMs: 0, status: 204 });
    expect(made).toBe(1);
  });

  it('tries again later after a retriable error, and warns once', async () => {
    const first = await deliver(refusing({ retriable: true, status: 503 }), [claimed(1)]);
    expect(first.outcome).toMatchObject({ type: 'retry', status: 503, nextAttemptAt: addMs(T0, 5_000) });
    expect(first.log.warn).toHaveBeenCalledTimes(1);
    const third = await deliver(refusing({ retriable: true, status: 503 }), [claimed(3)]);
    expect(third.outcome).toMatchObject({ type: 'retry', nextAttemptAt: addMs(T0, 20_000) });
    expect(third.log.warn).not.toHaveBeenCalled();
  });

  it('waits as long as the receiver asks', async () => {
    const { outcome } = await deliver(refusing({ retriable: true, status: 429, retryAfterMs: 90_000 }), [claimed(1)]);
    expect(outcome).toMatchObject({ type: 'retry', nextAttemptAt: addMs(T0, 90_000) });
  });

  it('gives up at once on a final error, with an error for the person on call', async () => {
    const { outcome, log } = await deliver(refusing({ retriable: false, status: 410 }), [claimed(1)]);
    expect(outcome).toMatchObject({ type: 'failed', status: 410 });
    expect(log.error.mock.calls[0]?.[0]).toBe(
      'Alert channel "ops" did not get the "detected" alert for local/acme/app:v1.0; giving up: https://hooks.example answered 503.',
    );
  });

  it('gives up after the last attempt', async () => {
    const before = await deliver(refusing({ retriable: true }), [claimed(RETRY_POLICY.maxAttempts - 1)]);
    expect(before.outcome?.type).toBe('retry');
    const last = await deliver(refusing({ retriable: true }), [claimed(RETRY_POLICY.maxAttempts)]);
    expect(last.outcome?.type).toBe('failed');
    expect(last.log.error).toHaveBeenCalledTimes(1);
  });

  it('retries what a channel did not expect either: a bug must not lose an alert', async () => {
    const { outcome } = await deliver(
      async () => Promise.reject(new TypeError('undefined is not a function')),
      [claimed(1)],
    );
    expect(outcome).toMatchObject({ type: 'retry', status: null });
  });

  it('records the others when recording one fails, and then says so', async () => {
    const store = new ClaimsOnce([claimed(1, '1'), claimed(1, '2')]);
    jest.spyOn(store, 'record').mockRejectedValueOnce(new Error('database away'));
    const worker = new DeliverAlerts(store, new LogRecorder(), () => T0, Math.random);
    await expect(worker.deliverDue(new ChannelStub(async () => ({ status: 200 })))).rejects.toThrow('database away');
    expect(store.outcomes).toHaveLength(1);
  });
});

describe('retryDelayMs', () => {
  it.each([
    [1, null, 0, 2_500],
    [1, null, 1, 5_000],
    [2, null, 1, 10_000],
    [11, null, 1, 3_600_000],
    [39, null, 0, 1_800_000],
    [1, 60_000, 0, 60_000],
    [11, 60_000, 1, 3_600_000],
    [1, 31_536_000_000, 0, 3_600_000],
  ])('after attempt %d with Retry-After %p and chance %d: %d ms', (attempt, retryAfter, chance, expected) => {
    expect(retryDelayMs(attempt, retryAfter, () => chance)).toBe(expected);
  });

  it('goes on for about a day', () => {
    const attempts = Array.from({ length: RETRY_POLICY.maxAttempts - 1 }, (_, i) =>
      retryDelayMs(i + 1, null, () => 0.5),
    );
    const hours = attempts.reduce((sum, ms) => sum + ms, 0) / 3_600_000;
    expect(hours).toBeGreaterThan(20);
    expect(hours).toBeLessThan(28);
  });
});
