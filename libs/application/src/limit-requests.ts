import pLimit, { type LimitFunction } from 'p-limit';
import type { Digest, RegistryName, RepositoryName, TagName } from '#domain';
import { type Manifest, type ManifestHead, RegistryClient, RegistryClients } from './ports/registry-client.js';

/**
 * The same registries, each with so many requests at a time. Work that mostly waits, as reading back does, may then be taken in numbers:
 * it is the requests that a registry feels.
 */
export class LimitedRegistryClients extends RegistryClients {
  private readonly clients = new Map<RegistryName, RegistryClient>();

  constructor(
    private readonly all: RegistryClients,
    private readonly requestsPerRegistry: number,
  ) {
    super();
  }

  override get(registry: RegistryName): RegistryClient {
    const known = this.clients.get(registry);
    if (known) return known;
    const client = new LimitedClient(this.all.get(registry), pLimit(this.requestsPerRegistry));
    this.clients.set(registry, client);
    return client;
  }
}

class LimitedClient extends RegistryClient {
  constructor(
    private readonly client: RegistryClient,
    private readonly limit: LimitFunction,
  ) {
    super();
  }

  override findManifest(repository: RepositoryName, reference: TagName | Digest): Promise<Manifest | null> {
    return this.limit(() => this.client.findManifest(repository, reference));
  }

  override findManifestHead(repository: RepositoryName, reference: TagName | Digest): Promise<ManifestHead | null> {
    return this.limit(() => this.client.findManifestHead(repository, reference));
  }

  override putManifest(repository: RepositoryName, reference: TagName | Digest, manifest: Manifest): Promise<void> {
    return this.limit(() => this.client.putManifest(repository, reference, manifest));
  }

  override hasBlob(repository: RepositoryName, digest: Digest): Promise<boolean> {
    return this.limit(() => this.client.hasBlob(repository, digest));
  }

  override listTags(repository: RepositoryName): AsyncIterable<string> {
    return this.client.listTags(repository);
  }

  override check(): Promise<void> {
    return this.limit(() => this.client.check());
  }
}
