import type { Digest, TagRef } from '#domain';
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
  /** Takes fetches that are due, each leased to this caller for `leaseMs`; at most `limit`, none of `excludedRegistries`. */
  abstract claimFetches(limit: number, leaseMs: number, excludedRegistries: readonly string[]): Promise<VaultFetch[]>;
  abstract finishFetch(fetch: VaultFetch): Promise<void>;
  abstract postponeFetch(fetch: VaultFetch, delayMs: number, reason: string): Promise<void>;
  /** When the next fetch will be due, in milliseconds from now; null when there is none. */
  abstract nextFetchInMs(): Promise<number | null>;
}
