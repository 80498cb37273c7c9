import { RegistryError } from '#application';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { OciRegistryClient } from '../distribution/client.js';
import { nameBelow, parseRepositoryPrefixes, type RepositoryPrefixes } from '../repository-prefixes.js';
import type { VendorApi } from '../vendor-api/vendor-api.js';
import { createJfrogApi } from './api.js';
import { Catalog } from './schema.js';

const MAX_PAGES = 10_000;

/** The catalog is one for each of Artifactory's repositories, at an address of its own. */
export class ArtifactoryClient extends OciRegistryClient {
  readonly #name: string;
  readonly #prefixes: RepositoryPrefixes;
  readonly #perPage: number;
  readonly #api: VendorApi;

  constructor(options: RegistryClientOptions, settings: ClientSettings = {}) {
    super(options, settings);
    this.#name = options.name;
    this.#prefixes = parseRepositoryPrefixes(options.options?.repositories);
    this.#perPage = settings.repositoriesPerPage ?? 1000;
    this.#api = createJfrogApi(options, settings);
  }

  /** Rejects with status 404 where `repositories` is not configured. */
  override async *listRepositories(): AsyncIterable<string> {
    if (this.#prefixes === null) throw this.#noCatalog();
    for (const key of this.#prefixes.keys()) {
      for await (const image of this.#imagesOf(key)) {
        const name = nameBelow(this.#prefixes, key, image);
        if (name !== null) yield name;
      }
    }
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#api.close()]);
  }

  /** By the last name of each page: its links lead to the registry's address, not to the API's. */
  async *#imagesOf(key: string): AsyncGenerator<string> {
    const path = `artifactory/api/docker/${encodeURIComponent(key)}/v2/_catalog`;
    let last = '';
    for (let page = 0; page < MAX_PAGES; page++) {
      const query: Record<string, string> = { n: String(this.#perPage), ...(last === '' ? {} : { last }) };
      const { repositories } = await this.#api.read(Catalog, { method: 'GET', path, query });
      const fresh = (repositories ?? []).filter((name) => name > last);
      yield* fresh;
      if (fresh.length < this.#perPage) return;
      last = fresh.at(-1) ?? last;
    }
    throw this.#api.badAnswer({ method: 'GET', path }, `listed more than ${MAX_PAGES} pages`);
  }

  #noCatalog(): RegistryError {
    return new RegistryError(
      'REGISTRY_REFUSED',
      `Registry "${this.#name}" has a catalog for each of its repositories only. Name them in repositories beside its url, or name the ` +
        'images in the rules.',
      { status: 404 },
    );
  }
}
