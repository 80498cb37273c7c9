import { type Manifest, RegistryError } from '#application';
import type { Digest, RepositoryName, TagName } from '#domain';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { OciRegistryClient } from '../distribution/client.js';
import { parseRepositoryPrefixes } from '../repository-prefixes.js';

const SAYS_NO_REDEPLOY = /does not allow updating assets|cannot be updated/i;

/** Says "no redeploy" in words of its own, and has one catalog a port. */
export class NexusClient extends OciRegistryClient {
  readonly #name: string;
  readonly #hasOwnPort: boolean;

  constructor(options: RegistryClientOptions, settings: ClientSettings = {}) {
    super(options, settings);
    this.#name = options.name;
    const prefixes = parseRepositoryPrefixes(options.options?.repositories);
    this.#hasOwnPort = prefixes === null || [...prefixes.values()].every((prefix) => prefix === '');
  }

  override async putManifest(
    repository: RepositoryName,
    reference: TagName | Digest,
    manifest: Manifest,
  ): Promise<void> {
    try {
      await super.putManifest(repository, reference, manifest);
    } catch (error) {
      throw asImmutable(error);
    }
  }

  /** Rejects with status 404 where repositories are reached below a path. */
  override async *listRepositories(): AsyncIterable<string> {
    if (!this.#hasOwnPort) throw this.#noCatalog();
    yield* super.listRepositories();
  }

  #noCatalog(): RegistryError {
    return new RegistryError(
      'REGISTRY_REFUSED',
      `Registry "${this.#name}" has a catalog only where a repository has a port or host of its own. Name the images in the rules.`,
      { status: 404 },
    );
  }
}

/** ALLOW_ONCE: what is there may not be written again, not even to put it right. */
function asImmutable(error: unknown): unknown {
  if (!(error instanceof RegistryError) || (error.status !== 400 && error.status !== 409)) return error;
  const said = [error.message, ...error.errors.map(({ message }) => message)].join(' ');
  if (!SAYS_NO_REDEPLOY.test(said)) return error;
  return new RegistryError(
    'REGISTRY_IMMUTABLE',
    `${error.message} The repository's deployment policy is "disable redeploy": allow redeploy there, or delete the tag by hand first.`,
    { cause: error, status: error.status, errors: error.errors },
  );
}
