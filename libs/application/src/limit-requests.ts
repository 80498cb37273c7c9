import pLimit, { type LimitFunction } from 'p-limit';
import type { Digest, RegistryName, RepositoryName, TagName } from '#domain';
import {
  canListRepositories,
  type Manifest,
  type ManifestHead,
  RegistryClient,
  RegistryClients,
  type RepositoryLister,
} from './ports/registry-client.js';

export type RequestLimits = {
  readonly atATime: number;
  /** Waited for before each request; of a list, before its first page. */
  readonly turn?: () => Promise<void>;
};

/**
 * The same registries, each with so many requests at a time, and no faster than they get a turn. Work that mostly waits, as reading back does, may then be taken in numbers:
 * it is the requests that a registry feels.
 */
export class LimitedRegistryClients extends RegistryClients {
  private readonly clients = new Map<RegistryName, RegistryClient>();

  constructor(
    private readonly all: RegistryClients,
    private readonly limits: number | ((registry: RegistryName) => RequestLimits),
  ) {
    super();
  }

  override get(registry: RegistryName): RegistryClient {
    const known = this.clients.get(registry);
    if (known) return known;
    const client = limited(
      this.all.get(registry),
      typeof this.limits === 'number' ? { atATime: this.limits } : this.limits(registry),
    );
    this.clients.set(registry, client);
    return client;
  }
}

function limited(client: RegistryClient, { atATime, turn = async () => undefined }: RequestLimits): RegistryClient {
  const limit = pLimit(atATime);
  return canListRepositories(client) ? new LimitedLister(client, limit, turn) : new LimitedClient(client, limit, turn);
}

class LimitedClient<C extends RegistryClient = RegistryClient> extends RegistryClient {
  constructor(
    protected readonly client: C,
    private readonly limit: LimitFunction,
    private readonly turn: () => Promise<void>,
  ) {
    super();
  }

  override findManifest(repository: RepositoryName, reference: TagName | Digest): Promise<Manifest | null> {
    return this.inTurn(() => this.client.findManifest(repository, reference));
  }

  override findManifestHead(repository: RepositoryName, reference: TagName | Digest): Promise<ManifestHead | null> {
    return this.inTurn(() => this.client.findManifestHead(repository, reference));
  }

  override putManifest(repository: RepositoryName, reference: TagName | Digest, manifest: Manifest): Promise<void> {
    return this.inTurn(() => this.client.putManifest(repository, reference, manifest));
  }

  override hasBlob(repository: RepositoryName, digest: Digest): Promise<boolean> {
    return this.inTurn(() => this.client.hasBlob(repository, digest));
  }

  override listTags(repository: RepositoryName): AsyncIterable<string> {
    return this.listed(() => this.client.listTags(repository));
  }

  override check(): Promise<void> {
    return this.inTurn(() => this.client.check());
  }

  protected async *listed(list: () => AsyncIterable<string>): AsyncIterable<string> {
    await this.turn();
    yield* list();
  }

  private inTurn<T>(request: () => Promise<T>): Promise<T> {
    return this.limit(async () => {
      await this.turn();
      return request();
    });
  }
}

class LimitedLister extends LimitedClient<RegistryClient & RepositoryLister> implements RepositoryLister {
  listRepositories(): AsyncIterable<string> {
    return this.listed(() => this.client.listRepositories());
  }
}
