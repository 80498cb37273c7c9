import type { Instant, RegistryEvent, RegistryName, TagHint } from '#domain';

/** A webhook request. Header names in lower case. */
export type WebhookRequest = {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
};

/** What a sender wants first, to be sure that somebody is here who means to listen: an answer, or an address visited. */
export type Handshake =
  | { readonly type: 'reply'; readonly body: Readonly<Record<string, unknown>> }
  | { readonly type: 'visit'; readonly url: URL };

export type Understood = {
  readonly events: readonly RegistryEvent[];
  /** Tags that changed, and the source did not say to what. */
  readonly hints: readonly TagHint[];
  readonly handshake: Handshake | null;
  /** Events that say nothing about tags. */
  readonly ignored: number;
  /** How many of the ignored were pulls. */
  readonly ignoredPulls: number;
  readonly rejected: readonly { readonly reason: string; readonly payload: string }[];
};

/** One configured registry, as a sender of notifications. */
export abstract class NotificationSource {
  abstract readonly registry: RegistryName;
  /** What a sender proves is about the body: it must be read before the sender is known. */
  abstract readonly provesBody: boolean;
  /** Whether the sender is who it must be; in constant time. Rejects with a retriable error where that cannot be found out just now. */
  abstract isKnownSender(request: WebhookRequest, receivedAt: Instant): Promise<boolean>;
  /** Never throws: what it cannot understand is `rejected`. */
  abstract understand(request: Pick<WebhookRequest, 'headers' | 'body'>, receivedAt: Instant): Understood;
}

/** The configured registries that may notify. */
export abstract class NotificationSources {
  /** null where no registry of that name is configured. */
  abstract find(registry: string): NotificationSource | null;
}
