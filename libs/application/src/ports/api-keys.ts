import type { CreatedKeyView, KeyRole, KeyView, NewKeyBody } from '#contracts';
import { DomainError, type Instant } from '#domain';

/** Who a key was given to, and what it may do. */
export type KeyHolder = { readonly name: string; readonly role: KeyRole };

/** The keys that open the API. */
export abstract class ApiKeys {
  /** Whose key it is, or null. Takes as long whichever key is wrong, and wherever. */
  abstract findHolder(key: string): Promise<KeyHolder | null>;
}

/** The same keys, for those who hand them out. Every change is written to the audit trail. */
export abstract class KeyRing {
  /** By name. */
  abstract list(): Promise<KeyView[]>;
  /** Answers the key itself, this once. Throws `KEY_EXISTS`. */
  abstract create(key: NewKeyBody, by: string, at: Instant): Promise<CreatedKeyView>;
  /** Throws `KEY_UNKNOWN` and `KEY_NOT_DELETABLE`. */
  abstract delete(name: string, by: string, at: Instant): Promise<void>;
}

/** `KEY_EXISTS`: two keys of one name could not be told apart in the audit trail. */
export class KeyExistsError extends DomainError {
  constructor(name: string) {
    super(
      'KEY_EXISTS',
      `There is a key ${JSON.stringify(name)} already. Take another name, or delete that key first with DELETE /api/v1/keys/${name}.`,
    );
  }
}

/** `KEY_UNKNOWN`: no key has this name. */
export class KeyUnknownError extends DomainError {
  constructor(name: string) {
    super('KEY_UNKNOWN', `There is no key ${JSON.stringify(name)}. Take its name from GET /api/v1/keys.`);
  }
}

/** `KEY_NOT_DELETABLE`: it is not kept here, or nobody could manage keys without it. */
export class KeyNotDeletableError extends DomainError {
  constructor(name: string, reason: string) {
    super('KEY_NOT_DELETABLE', `The key ${JSON.stringify(name)} cannot be deleted: ${reason}`);
  }
}
