import type { Digest, RepositoryRef, TagRef } from '#domain';
import type { FreeSlots } from './enforcement-queue.js';
import type { Manifest } from './registry-client.js';

/** A kept manifest with what it refers to. */
export type KeptManifest = Manifest & {
  /** Manifests that an index lists, in order. */
  readonly children: readonly Digest[];
  /** Config and layers of an image. */
  readonly blobs: readonly Digest[];
};

/** A sealed manifest that is not in the vault yet. */
export type VaultFetch = TagRef & { readonly digest: Digest; readonly attempts: number };

/** The kept manifests of sealed tags. Content-addressed: a digest is kept once, whatever repositories it stands in. */
export abstract class Vault {
  abstract find(digests: readonly Digest[]): Promise<ReadonlyMap<Digest, KeptManifest>>;
  /** The manifest with all that it lists, children before parents; `missing` are those not kept. */
  abstract findTree(digest: Digest): Promise<{ manifests: readonly KeptManifest[]; missing: readonly Digest[] }>;
  /** Keeps what is new. */
  abstract keep(manifests: readonly KeptManifest[]): Promise<void>;
  /** Takes fetches that are due, each leased to this caller for `leaseMs`. */
  abstract claimFetches(free: FreeSlots, leaseMs: number): Promise<VaultFetch[]>;
  /** Done; `refold` where what was learnt may change how the tag folds. */
  abstract finishFetch(fetch: VaultFetch, refold: boolean): Promise<void>;
  abstract postponeFetch(fetch: VaultFetch, delayMs: number, reason: string): Promise<void>;
  /** When the next fetch of these registries will be due, in milliseconds from now; null when there is none. */
  abstract nextFetchInMs(registries: readonly string[]): Promise<number | null>;
  /** Whether a manifest of this repository that is one of the digests was ever deleted. */
  abstract wasAnyDeleted(repository: RepositoryRef, digests: readonly Digest[]): Promise<boolean>;
}
