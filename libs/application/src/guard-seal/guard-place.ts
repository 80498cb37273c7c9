import { type Digest, parseTagName, type RegistryName, type RepositoryName, type TagName } from '#domain';

/** Where a registry keeps what must outlive a garbage collection. */
export type GuardPlace = {
  readonly repository: RepositoryName;
  /** A blob that the registry does not mount is copied up to this size; 0: none is. */
  readonly copyBytes: number;
};

/** null for a registry that is not configured. */
export type GuardPlaceOf = (registry: RegistryName) => GuardPlace | null;

const HEX_IN_TAG = 32;

/**
 * The tag that holds a manifest in the guard repository. Every manifest has one, the children of an index too: some collectors take an
 * untagged child though its index stands.
 */
export const guardTagOf = (digest: Digest): TagName =>
  parseTagName(`seal-${digest.slice(digest.indexOf(':') + 1).slice(0, HEX_IN_TAG)}`);
