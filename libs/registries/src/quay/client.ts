import type { TagRestorer } from '#application';
import type { Digest, RepositoryName, TagName } from '#domain';
import type { ClientSettings, CloseableRegistryClient, RegistryClientOptions } from '../adapter.js';
import { OciRegistryClient } from '../distribution/client.js';
import type { VendorApi } from '../vendor-api/vendor-api.js';
import { apiTokenOf, createQuayApi, repositoryPath } from './api.js';
import { RepositoryPage } from './schema.js';

const MAX_PAGES = 1000;

/** With a token for Quay's own API: that restores what `/v2/` no longer shows, and lists namespaces. */
export class QuayClient extends OciRegistryClient implements TagRestorer {
  readonly #namespaces: readonly string[];
  readonly #api: VendorApi;

  constructor(options: RegistryClientOptions, settings: ClientSettings = {}) {
    super(withLogin(options), settings);
    this.#namespaces = (options.options?.namespaces ?? '').split(/[\s,]+/).filter((name) => name !== '');
    this.#api = createQuayApi(options, settings);
  }

  /** Those of the configured `namespaces`; where there are none, what the catalog shows to the account. */
  override async *listRepositories(): AsyncIterable<string> {
    if (this.#namespaces.length === 0) yield* super.listRepositories();
    for (const namespace of this.#namespaces) yield* this.#repositoriesOf(namespace);
  }

  /** Back to a manifest that lost its tags within the time machine's reach; two weeks, unless configured otherwise. */
  async restoreTag(repository: RepositoryName, tag: TagName, digest: Digest): Promise<boolean> {
    const path = `${repositoryPath(repository)}/tag/${encodeURIComponent(tag)}/restore`;
    const body = { manifest_digest: digest };
    const { status } = await this.#api.call({ method: 'POST', path, body, answers: [404], repeatable: true });
    return status !== 404;
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#api.close()]);
  }

  async *#repositoriesOf(namespace: string): AsyncGenerator<string> {
    let query: Record<string, string> = { namespace };
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await this.#api.read(RepositoryPage, { method: 'GET', path: 'repository', query });
      yield* answer.repositories.map(({ namespace: owner, name }) => `${owner}/${name}`);
      if (!answer.next_page) return;
      query = { namespace, next_page: answer.next_page };
    }
    throw this.#api.badAnswer({ method: 'GET', path: 'repository' }, `lists more than ${MAX_PAGES} pages`);
  }
}

/** A power that is not there is not offered: without a token for the API, restoring is by push alone. */
export function createClient(options: RegistryClientOptions, settings?: ClientSettings): CloseableRegistryClient {
  const hasApi = apiTokenOf(options) !== undefined;
  return hasApi ? new QuayClient(options, settings) : new OciRegistryClient(options, settings);
}

/** An OAuth token that is to serve both ends is a password at `/v2/`, under a name of Quay's. */
function withLogin(options: RegistryClientOptions): RegistryClientOptions {
  const { token, ...rest } = options;
  return token === undefined ? options : { ...rest, username: '$oauthtoken', password: token };
}
