import type { Instant, RegistryEvent, RegistryName } from '#domain';

/** A webhook request. Header names in lower case. */
export type WebhookRequest = {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
};

export type Understood = {
  readonly events: readonly RegistryEvent[];
  /** Events that say nothing about tags. */
  readonly ignored: number;
  /** How many of the ignored were pulls. */
  readonly ignoredPulls: number;
  readonly rejected: readonly { readonly reason: string; readonly payload: string }[];
};

/** One configured registry, as a sender of notifications. */
export abstract class NotificationSource {
  abstract readonly registry: RegistryName;
  /** Whether the sender knows the secret; in constant time. */
  abstract isKnownSender(request: WebhookRequest): boolean;
  /** Never throws: what it cannot understand is `rejected`. */
  abstract understand(request: Pick<WebhookRequest, 'headers' | 'body'>, receivedAt: Instant): Understood;
}

/** The configured registries that may notify. */
export abstract class NotificationSources {
  /** null where no registry of that name is configured. */
  abstract find(registry: string): NotificationSource | null;
}
