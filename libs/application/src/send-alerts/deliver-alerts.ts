import { addMs, epochMsOf, formatTagRef, type Instant, messageOf } from '#domain';
import { type Alert, type AlertChannel, AlertDeliveryError, isServiceAlert } from '../ports/alert-channel.js';
import type { AlertDeliveries, AttemptOutcome, ClaimedDelivery } from '../ports/alert-deliveries.js';
import type { Log } from '../ports/log.js';
import { RETRY_POLICY, type RetryPolicy, retryDelayMs } from './retry-policy.js';

export type DeliveryOptions = {
  /** Alerts under way at once to one channel. */
  readonly concurrency: number;
  /** Must be well above the time that a channel gives its receiver. */
  readonly leaseMs: number;
  readonly retry: RetryPolicy;
};

const DEFAULTS: DeliveryOptions = { concurrency: 4, leaseMs: 60_000, retry: RETRY_POLICY };

/** Sends what is due and records how it went. */
export class DeliverAlerts {
  constructor(
    private readonly deliveries: AlertDeliveries,
    private readonly log: Log,
    private readonly now: () => Instant,
    private readonly random: () => number,
    private readonly options: DeliveryOptions = DEFAULTS,
    private readonly observe: (channel: string, outcome: AttemptOutcome['type']) => void = () => undefined,
  ) {}

  /**
   * One round for one channel; resolves to the number of attempts made. Rejects when the store fails: what was sent and could not be
   * recorded is sent again when its lease ends.
   */
  async deliverDue(channel: AlertChannel): Promise<number> {
    const now = this.now();
    const claimed = await this.deliveries.claim({
      channel: channel.name,
      limit: this.options.concurrency,
      now,
      leaseUntil: addMs(now, this.options.leaseMs),
    });
    const results = await Promise.allSettled(claimed.map((delivery) => this.attempt(channel, delivery)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    return claimed.length;
  }

  private async attempt(channel: AlertChannel, delivery: ClaimedDelivery): Promise<void> {
    const started = this.now();
    const elapsed = () => Math.max(0, epochMsOf(this.now()) - epochMsOf(started));
    let outcome: AttemptOutcome;
    try {
      const { status } = await channel.send(delivery.alert);
      outcome = { type: 'delivered', at: started, durationMs: elapsed(), status };
    } catch (error) {
      outcome = this.outcomeOf(error, delivery, started, elapsed());
    }
    await this.deliveries.record(delivery, outcome);
    this.observe(channel.name, outcome.type);
    this.report(delivery, outcome);
  }

  private outcomeOf(error: unknown, delivery: ClaimedDelivery, at: Instant, durationMs: number): AttemptOutcome {
    const { maxAttempts } = this.options.retry;
    const refusal = error instanceof AlertDeliveryError ? error : null;
    const attempted = { at, durationMs, status: refusal?.status ?? null, error: messageOf(error) };
    if (refusal && !refusal.retriable) return { type: 'failed', ...attempted };
    if (delivery.attempt >= maxAttempts) return { type: 'failed', ...attempted };
    const delay = retryDelayMs(delivery.attempt, refusal?.retryAfterMs ?? null, this.random, this.options.retry);
    return { type: 'retry', ...attempted, nextAttemptAt: addMs(at, durationMs + delay) };
  }

  private report(delivery: ClaimedDelivery, outcome: AttemptOutcome): void {
    if (outcome.type === 'delivered') return;
    const { channel, alert, attempt } = delivery;
    const what = `the "${alert.change}" alert for ${subjectOf(alert)}`;
    const fields = {
      channel,
      deliveryId: delivery.id,
      ...(isServiceAlert(alert) ? {} : { violationId: alert.violation.id }),
      attempt,
      status: outcome.status,
    };
    if (outcome.type === 'failed') {
      this.log.error(`Alert channel "${channel}" did not get ${what}; giving up: ${outcome.error}`, fields);
    } else if (attempt === 1) {
      this.log.warn(`Alert channel "${channel}" did not get ${what} yet; trying again: ${outcome.error}`, fields);
    } else {
      this.log.debug(
        `Attempt ${attempt} to send ${what} to alert channel "${channel}" failed: ${outcome.error}`,
        fields,
      );
    }
  }
}

const subjectOf = (alert: Alert): string =>
  isServiceAlert(alert) ? `registry ${alert.registry}` : formatTagRef(alert.violation);
