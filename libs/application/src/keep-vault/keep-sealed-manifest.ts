import { type Digest, formatTagRef, messageOf } from '#domain';
import type { Log } from '../ports/log.js';
import { type RegistryClient, type RegistryClients, RegistryError } from '../ports/registry-client.js';
import type { KeptManifest, Vault, VaultFetch } from '../ports/vault.js';
import { describeManifest } from './describe-manifest.js';

/** An index may list indexes; more levels or manifests than this is no image that anybody pushes. */
const MANIFESTS_AT_MOST = 500;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 3_600_000;

/** Fetches a sealed manifest with all that it lists, and keeps it. */
export class KeepSealedManifest {
  constructor(
    private readonly vault: Vault,
    private readonly clients: RegistryClients,
    private readonly log: Log,
  ) {}

  async keep(fetch: VaultFetch): Promise<void> {
    try {
      const manifests = await this.fetchTree(this.clients.get(fetch.registry), fetch);
      // Children first: a kept parent is a promise that its children are kept.
      await this.vault.keep(manifests.reverse());
      const parts = manifests.flatMap(({ children }) => children);
      const refold = parts.length > 0 && (await this.vault.wasAnyDeleted(fetch, parts));
      await this.vault.finishFetch(fetch, refold);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      await this.postpone(fetch, error);
    }
  }

  private async fetchTree(client: RegistryClient, fetch: VaultFetch): Promise<KeptManifest[]> {
    const found: KeptManifest[] = [];
    const wanted: Digest[] = [fetch.digest];
    const seen = new Set<Digest>(wanted);
    for (
      let digest = wanted.shift();
      digest !== undefined && found.length < MANIFESTS_AT_MOST;
      digest = wanted.shift()
    ) {
      const kept = (await this.vault.find([digest])).get(digest);
      const manifest = kept ?? (await this.fetchOne(client, fetch, digest));
      if (manifest === null) continue;
      found.push(manifest);
      for (const child of manifest.children) if (!seen.has(child)) wanted.push(child);
      for (const child of manifest.children) seen.add(child);
    }
    return found;
  }

  /** A child may be absent: an index need not be whole, and then is kept without it. */
  private async fetchOne(client: RegistryClient, fetch: VaultFetch, digest: Digest): Promise<KeptManifest | null> {
    const found = await client.findManifest(fetch.repository, digest);
    if (found !== null) return describeManifest(found);
    if (digest !== fetch.digest) return null;
    throw new RegistryError('REGISTRY_REFUSED', `The sealed manifest ${digest} is not in the registry (any more).`, {
      status: 404,
      retriable: true,
    });
  }

  private async postpone(fetch: VaultFetch, error: RegistryError): Promise<void> {
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** fetch.attempts, LONGEST_RETRY_MS);
    if (fetch.attempts === 1) {
      this.log.warn(
        `${formatTagRef(fetch)} is sealed, but its manifest is not in the vault yet: ${messageOf(error)} Trying again.`,
        {
          registry: fetch.registry,
          digest: fetch.digest,
        },
      );
    }
    await this.vault.postponeFetch(fetch, delayMs, messageOf(error));
  }
}
