import { SERVICE_CHANGES, type ServiceChange, VIOLATION_CHANGES, type ViolationChange } from '#contracts';
import { DomainError, type IncidentId, type Instant, type RegistryName, type ToldPage, type Violation } from '#domain';

/** What an alert tells: the state that a violation entered, that the fight breaker tripped for its tag, or how a registry fares. */
export type AlertChange = ViolationChange | ServiceChange;
export const ALERT_CHANGES: readonly AlertChange[] = [...VIOLATION_CHANGES, ...SERVICE_CHANGES];

/** The incident that an alert tells of, as it was then. */
export type AlertIncident = {
  readonly id: IncidentId;
  /** How many violations belong to it. */
  readonly members: number;
  /** When the first of them happened. */
  readonly since: Instant;
  /** Several identities are in it. */
  readonly isMixed: boolean;
  /** Which telling of the incident this is, and those before it since it was last closed. */
  readonly page: number;
  readonly earlier: readonly ToldPage[];
};

type AnyAlert = {
  /**
   * What a receiver groups by: the incident's id, the same from `detected` to `restored`; the violation's where it has none; and one for
   * each thing that can be wrong with a registry.
   */
  readonly dedupKey: string;
  /** A UUID, the same in every attempt: a receiver that has seen it may drop the repetition. */
  readonly messageId: string;
  /** Nothing is left to do: the receiver may close what it opened under `dedupKey`. */
  readonly resolves: boolean;
  /** When the change happened. */
  readonly at: Instant;
};

export type ViolationAlert = AnyAlert & {
  readonly change: ViolationChange;
  /** The one that changed; by itself, or as the first or the last of many. */
  readonly violation: Violation;
  readonly incident: AlertIncident | null;
};

/** How a registry fares, beside its tags. */
export type ServiceAlert = AnyAlert & {
  readonly change: ServiceChange;
  readonly registry: RegistryName;
  /** What was found, and what to do. */
  readonly sentence: string;
};

/** One thing to tell one channel. */
export type Alert = ViolationAlert | ServiceAlert;

export const isServiceAlert = (alert: Alert): alert is ServiceAlert => 'sentence' in alert;

/** The receiver has answered that it took the alert. */
export type DeliveryReceipt = { readonly status: number };

/** Where alerts go. `send` ends by itself within seconds, whatever the receiver does. */
export abstract class AlertChannel {
  abstract readonly name: string;
  /** Resolves when the receiver has taken the alert; rejects with `AlertDeliveryError`. */
  abstract send(alert: Alert): Promise<DeliveryReceipt>;
}

/** A channel, and the changes that somebody wants to hear of there. */
export type AlertRoute = { readonly channel: AlertChannel; readonly on: ReadonlySet<AlertChange> };

/** The channels as they are configured now. Names are unique. */
export abstract class AlertChannels {
  abstract list(): readonly AlertRoute[];
}

/** An attempt that failed. The message names the receiver by its origin only: paths and queries of webhooks are secrets. */
export class AlertDeliveryError extends DomainError {
  /** The HTTP status, where there was an answer. */
  readonly status: number | null;
  /** How long the receiver asked us to wait (`Retry-After`). */
  readonly retryAfterMs: number | null;
  /** The beginning of the receiver's answer, one line, without secrets. */
  readonly excerpt: string;

  constructor(
    message: string,
    options: { retriable: boolean; status?: number; retryAfterMs?: number | null; excerpt?: string },
  ) {
    super('ALERT_NOT_DELIVERED', message, { retriable: options.retriable });
    this.status = options.status ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.excerpt = options.excerpt ?? '';
  }
}
