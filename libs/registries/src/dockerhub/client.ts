import { RegistryError } from '#application';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { OciRegistryClient } from '../distribution/client.js';
import { withTokenAsPassword } from '../vendor-api/token-as-password.js';
import { HubApi } from './hub-api.js';
import { RepositoryPage } from './schema.js';

const REGISTRY = 'https://registry-1.docker.io';
/** What people call it; the registry answers at one of its hosts alone. */
const ALIASES: ReadonlySet<string> = new Set([
  'docker.io',
  'index.docker.io',
  'hub.docker.com',
  'registry.hub.docker.com',
]);

/** The registry has no catalog; the Hub lists the repositories of a namespace. Manifests are asked for by HEAD, which is not counted. */
export class DockerHubClient extends OciRegistryClient {
  readonly #name: string;
  readonly #namespaces: readonly string[];
  readonly #api: HubApi;

  constructor(options: RegistryClientOptions, settings: ClientSettings = {}) {
    super(withTokenAsPassword({ ...options, url: registryUrlOf(options.url) }), settings);
    const names = options.options?.namespaces ?? options.username ?? '';
    this.#name = options.name;
    this.#namespaces = names.split(/[\s,]+/).filter((name) => name !== '');
    this.#api = new HubApi(options, settings);
  }

  /** Those of the configured `namespaces`; of the account, where there are none. */
  override async *listRepositories(): AsyncIterable<string> {
    if (this.#namespaces.length === 0) throw this.#noNamespaces();
    for (const namespace of this.#namespaces) {
      const first = `v2/namespaces/${encodeURIComponent(namespace)}/repositories?page_size=100`;
      for await (const { name } of this.#api.items(RepositoryPage, first)) yield `${namespace}/${name}`;
    }
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#api.close()]);
  }

  #noNamespaces(): RegistryError {
    return new RegistryError(
      'REGISTRY_REFUSED',
      `Registry "${this.#name}" has no catalog. Set namespaces beside its url, or name the repositories in the rules.`,
      { status: 404 },
    );
  }
}

/** Leaves other hosts as they are, such as a mirror's. */
export function registryUrlOf(url: string): string {
  return URL.canParse(url) && ALIASES.has(new URL(url).hostname) ? REGISTRY : url;
}
