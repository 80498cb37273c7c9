import type { Instant } from '#domain';

/** Secrets by their key paths: `password`, `webhook.token`. */
export type RegistrySecrets = Readonly<Record<string, string>>;

/** In the shape of tagwarden.yaml, without name and secrets. */
export type StoredDefinition = Readonly<Record<string, unknown>>;

/** A registry that people manage over the API. */
export type StoredRegistry = {
  readonly name: string;
  readonly definition: StoredDefinition;
  readonly secrets:
    | { readonly type: 'opened'; readonly values: RegistrySecrets }
    | { readonly type: 'unreadable'; readonly reason: string };
  /** Another one after each write. */
  readonly version: string;
};

export type RegistryToKeep = {
  readonly name: string;
  readonly definition: StoredDefinition;
  readonly secrets: RegistrySecrets;
};

/** Who did it, and when, for the audit trail. */
export type RegistryDeed = { readonly by: string; readonly at: Instant };

/** The stored registries. Each change has its line in the audit trail, without secrets, and wakes every process that follows them. */
export abstract class RegistryKeeping {
  /** By name. Secrets that cannot be opened are a value here: the others are to go on. */
  abstract list(): Promise<StoredRegistry[]>;
  /** Has it swept soon, too. Throws `REGISTRY_EXISTS`, and `SECRET_KEY_MISSING` where nothing can be sealed. */
  abstract create(registry: RegistryToKeep, deed: RegistryDeed): Promise<void>;
  /** Throws `REGISTRY_CHANGED_MEANWHILE` where it is gone, or no longer of this version. */
  abstract replace(registry: RegistryToKeep, version: string, deed: RegistryDeed): Promise<void>;
  /** What was recorded of it stays. Throws `REGISTRY_UNKNOWN`. */
  abstract delete(name: string, deed: RegistryDeed): Promise<void>;
  /** Writes down that somebody had a registry subscribed, the file's too. */
  abstract noteSubscription(name: string, detail: Readonly<Record<string, unknown>>, deed: RegistryDeed): Promise<void>;
  /** When the last notification of each came; those that never sent one are absent. */
  abstract lastHeard(names: readonly string[]): Promise<ReadonlyMap<string, Instant>>;
}
