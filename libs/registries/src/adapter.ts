import type { RegistryClient } from '#application';
import type { Instant, RegistryEvent, RegistryName } from '#domain';

/** Header names in lower case, as node delivers them. */
export type NotificationHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export type Notification = {
  readonly registry: RegistryName;
  readonly headers: NotificationHeaders;
  readonly body: Buffer;
  readonly receivedAt: Instant;
};

/** What authenticated but can't be understood. `payload` can be given to `parseNotification` again, without headers. */
export type RejectedNotification = { readonly reason: string; readonly payload: string };

export type ParsedNotification = {
  readonly events: readonly RegistryEvent[];
  /** Events that say nothing about tags: blobs, mounts, scans. */
  readonly ignored: number;
  /** How many of the ignored were pulls. */
  readonly ignoredPulls: number;
  readonly rejected: readonly RejectedNotification[];
};

/** The registry's configured webhook secrets, resolved. */
export type WebhookSecrets = { readonly token?: string | null };

export type Sender = {
  readonly headers: NotificationHeaders;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  readonly secrets: WebhookSecrets;
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

export type RegistryAdapter = {
  readonly kind: string;
  readonly capabilities: RegistryCapabilities;
  /** Never throws: what it can't understand is `rejected`. The same notification always gives the same event ids. */
  parseNotification(notification: Notification): ParsedNotification;
  /** In constant time. */
  authenticateSender(sender: Sender): 'ok' | 'refused';
  createClient(options: RegistryClientOptions, settings?: ClientSettings): CloseableRegistryClient;
};
