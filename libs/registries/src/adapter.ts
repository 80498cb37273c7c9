import type { Handshake, RegistryClient } from '#application';
import type { Instant, RegistryEvent, RegistryName, TagHint } from '#domain';

/** Header names in lower case, as node delivers them. */
export type NotificationHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export type Notification = {
  readonly registry: RegistryName;
  readonly headers: NotificationHeaders;
  readonly body: Buffer;
  readonly receivedAt: Instant;
  /** The registry's, as configured: one stream of notifications can be about more than one registry. */
  readonly url?: string;
  /** The kind's own keys of the configuration. Default: none. */
  readonly options?: Readonly<Record<string, string>>;
};

/** What authenticated but can't be understood. `payload` can be given to `parseNotification` again, without headers. */
export type RejectedNotification = { readonly reason: string; readonly payload: string };

export type ParsedNotification = {
  readonly events: readonly RegistryEvent[];
  /** Tags that changed, the source does not say to what. Default: none. */
  readonly hints?: readonly TagHint[];
  /** Where it is one: the address to visit is the vendor's own. Default: none. */
  readonly handshake?: Handshake | null;
  /** Events that say nothing about tags: blobs, mounts, scans. */
  readonly ignored: number;
  /** How many of the ignored were pulls. */
  readonly ignoredPulls: number;
  readonly rejected: readonly RejectedNotification[];
};

/** The registry's configured webhook secrets, resolved. */
export type WebhookSecrets = {
  /** Sent along with each notification. */
  readonly token?: string | null;
  /** Signs each notification, and is never sent. */
  readonly secret?: string | null;
};

export type Sender = {
  readonly headers: NotificationHeaders;
  readonly query: Readonly<Record<string, unknown>>;
  /** Empty where the adapter does not need it, and it was not read yet. */
  readonly body: Buffer;
  readonly secrets: WebhookSecrets;
  /** The kind's own keys of the configuration. */
  readonly options?: Readonly<Record<string, string>>;
  readonly receivedAt?: Instant;
};

export type SenderVerdict = 'ok' | 'refused';

/** The outside as an adapter may ask it while it makes sure of a sender: for public keys and certificates. */
export type PublicDocuments = {
  /** Remembered for an hour. https only, no redirects, at most 1 MiB. Rejects with a retriable error. */
  fetchText(url: URL): Promise<string>;
};

/** How senders of this kind prove themselves. */
export type SenderProof = {
  /** What the configuration must hold under `webhook`: one of these; none where they prove themselves by the kind's options. */
  readonly secrets: readonly ('token' | 'secret')[];
  /** The proof is about the body, so it must be read first. */
  readonly needsBody: boolean;
};

/** A key of the configuration that only this kind has. */
export type RegistryOption = { readonly name: string; readonly required?: boolean; readonly secret?: boolean };

/** Credentials that expire. */
export type RotatingLogin = {
  /** As they are now; asked before they are needed, and fetched anew in time. */
  current(signal: AbortSignal): Promise<{ readonly username: string; readonly password: string }>;
  /** What must never be repeated in a message. */
  readonly secrets: readonly string[];
};

/** How a registry is reached. `password` and `token` are the secrets themselves, already resolved. */
export type RegistryClientOptions = {
  readonly name: RegistryName;
  readonly kind: string;
  /** With a path where the registry lives below one; `/v2/` is appended. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Sent as `Authorization: Bearer`, instead of username and password. */
  readonly token?: string | undefined;
  /** Instead of a password that stays: what a kind gets from its vendor by its own keys. */
  readonly login?: RotatingLogin | undefined;
  /** The kind's own keys of the configuration, the secret ones too. */
  readonly options?: Readonly<Record<string, string>> | undefined;
  readonly secretOptions?: Readonly<Record<string, string>> | undefined;
  /** `ca` (PEM) is trusted beside the public authorities. */
  readonly tls?: { readonly ca?: string | undefined; readonly insecureSkipVerify?: boolean | undefined } | undefined;
  /** For one attempt, from connecting to the last byte. Default 10 000. */
  readonly timeoutMs?: number | undefined;
};

export type RetryPolicy = {
  readonly attempts: number;
  /** All attempts and the waits between them. */
  readonly totalMs: number;
  /** The first wait is random below this; each further bound doubles. */
  readonly firstWaitMs: number;
  readonly maxWaitMs: number;
};

/** What all clients of a process share, and what tests shorten. */
export type ClientSettings = {
  /** For `User-Agent: tagwarden/<version>`. */
  readonly version?: string;
  readonly retry?: Partial<RetryPolicy>;
  /** Tags asked for in one page. */
  readonly tagsPerPage?: number;
  /** Repositories asked for in one page of the catalog. */
  readonly repositoriesPerPage?: number;
};

export type CloseableRegistryClient = RegistryClient & {
  /** Retries nothing more, waits for the requests that run, and closes the connections. */
  close(): Promise<void>;
};

/** What can be relied on in a registry of this kind; its README has the details. */
export type RegistryCapabilities = {
  /** A push is notified with its digest. */
  readonly digestOnPush: boolean;
  /** The deletion of one tag is notified. */
  readonly tagDeletions: boolean;
  readonly pulls: boolean;
  /** A notification that was not taken comes again. */
  readonly redelivery: boolean;
  /** The push notification may arrive before the tag is written: reading at once can show the old digest. */
  readonly notifiesBeforeWrite: boolean;
  /** The overwritten manifest can still be read by its digest, until garbage collection. */
  readonly keepsOverwritten: boolean;
};

/** How to subscribe a registry, or what became of doing it. */
export type SubscriptionContext = {
  readonly registry: RegistryName;
  readonly url: string;
  /** Where notifications are to be sent. */
  readonly webhookUrl: string;
  readonly options: Readonly<Record<string, string>>;
};

/** One piece of configuration to paste. A secret's place is marked `<…>`; the secret itself is never in it. */
export type SubscriptionStep = {
  readonly title: string;
  readonly language: 'yaml' | 'shell' | 'terraform' | 'json' | 'text';
  readonly text: string;
};

export type SubscriptionGuide = {
  readonly steps: readonly SubscriptionStep[];
  /** What this kind cannot tell, and what else to know. */
  readonly notes: readonly string[];
};

/** `created` or `updated`, or found as it should be; `reenabled`: the vendor had muted it. */
export type SubscriptionOutcome = {
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'reenabled';
  /** Where it is, as the vendor names it. */
  readonly subscriptions: readonly string[];
  readonly notes: readonly string[];
};

/** Everything that installing needs; `secrets` are the webhook's, `client` the registry's own credentials. */
export type InstallContext = SubscriptionContext & {
  readonly secrets: WebhookSecrets;
  readonly client: RegistryClientOptions;
  readonly settings: ClientSettings;
  /** The repositories, projects or organisations to subscribe, where the vendor subscribes one by one. */
  readonly scopes: readonly string[];
};

export type RegistrySubscription = {
  guide(context: SubscriptionContext): SubscriptionGuide;
  /** Absent where the vendor has no API for it. Checks what it has installed. Throws `RegistryError`. */
  readonly install?: (context: InstallContext) => Promise<SubscriptionOutcome>;
};

export type RegistryAdapter = {
  readonly kind: string;
  readonly capabilities: RegistryCapabilities;
  readonly sender: SenderProof;
  /** Keys of the configuration that only this kind has. Default: none. */
  readonly options?: readonly RegistryOption[];
  /** Never throws: what it can't understand is `rejected`. The same notification always gives the same event ids. */
  parseNotification(notification: Notification): ParsedNotification;
  /** In constant time. Rejects with a retriable error where what it needs to know cannot be had just now. */
  authenticateSender(sender: Sender, documents: PublicDocuments): SenderVerdict | Promise<SenderVerdict>;
  createClient(options: RegistryClientOptions, settings?: ClientSettings): CloseableRegistryClient;
  readonly subscription: RegistrySubscription;
};
