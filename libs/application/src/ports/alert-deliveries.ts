import type { Instant } from '#domain';
import type { Alert, AlertChange } from './alert-channel.js';
import type { TransactionalQuery } from './message-bus.js';

export type PlannedDelivery = {
  readonly channel: string;
  readonly alert: Alert;
  /** Worth telling only where an earlier alert with the same dedup key went: the channel did not ask for this change itself. */
  readonly followUp: boolean;
  /** Pages of the same incident that this channel is to be told of first. */
  readonly after: readonly number[];
};

export type ClaimedDelivery = {
  readonly id: string;
  readonly channel: string;
  readonly alert: Alert;
  /** Counts from 1, including attempts that ended with the process. */
  readonly attempt: number;
};

export type AttemptOutcome = {
  readonly at: Instant;
  readonly durationMs: number;
  /** The HTTP status, where there was an answer. */
  readonly status: number | null;
} & (
  | { readonly type: 'delivered' }
  | { readonly type: 'retry'; readonly error: string; readonly nextAttemptAt: Instant }
  | { readonly type: 'failed'; readonly error: string }
);

export type DeliveryState = 'pending' | 'delivered' | 'failed';

export type DeliveryAttempt = {
  readonly attempt: number;
  readonly at: Instant;
  readonly durationMs: number;
  readonly status: number | null;
  readonly error: string | null;
};

/** One line of the delivery log. */
export type DeliveryRecord = {
  readonly id: string;
  readonly channel: string;
  readonly messageId: string;
  readonly dedupKey: string;
  /** null: it is about a registry. */
  readonly violationId: string | null;
  readonly change: AlertChange;
  readonly state: DeliveryState;
  readonly createdAt: Instant;
  /** null when there will be none. */
  readonly nextAttemptAt: Instant | null;
  readonly deliveredAt: Instant | null;
  readonly attempts: readonly DeliveryAttempt[];
};

/** The queue of alerts and its log, shared by any number of notifiers. */
export abstract class AlertDeliveries {
  /**
   * Keeps the deliveries, due at once, in the order given; what is already there by (channel, messageId) is left as it is. `within`
   * runs in the same transaction: both commit, or neither. Rejects with a `retriable` error when the same may succeed later.
   */
  abstract enqueue(
    planned: readonly PlannedDelivery[],
    now: Instant,
    within?: (query: TransactionalQuery) => Promise<void>,
  ): Promise<void>;
  /**
   * Takes due deliveries of a channel until `leaseUntil`, after which another notifier may take them. Of one incident only the
   * oldest delivery that is still pending, and only once those that it comes after are here, which another partition may bring later:
   * what happened later is never told first. Ten minutes are waited for those.
   */
  abstract claim(options: {
    readonly channel: string;
    readonly limit: number;
    readonly now: Instant;
    readonly leaseUntil: Instant;
  }): Promise<readonly ClaimedDelivery[]>;
  /** Logs the attempt. Only `delivered` counts when the lease was lost and the delivery claimed anew meanwhile. */
  abstract record(delivery: ClaimedDelivery, outcome: AttemptOutcome): Promise<void>;
  /** A channel's log, newest first. Throws `MALFORMED_CURSOR`. */
  abstract list(options: {
    readonly channel: string;
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<{ readonly items: readonly DeliveryRecord[]; readonly nextCursor: string | null }>;
}
