import { RegistryError } from '#application';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { OciRegistryClient } from '../distribution/client.js';
import { withTokenAsPassword } from '../vendor-api/token-as-password.js';
import { VendorApi } from '../vendor-api/vendor-api.js';
import { vendorPages } from '../vendor-api/vendor-pages.js';
import { GroupRepositories } from './schema.js';

/** The catalog belongs to administrators; GitLab's own API lists what the groups have. */
export class GitlabClient extends OciRegistryClient {
  readonly #name: string;
  readonly #groups: readonly string[];
  readonly #api: VendorApi | null;

  constructor(options: RegistryClientOptions, settings: ClientSettings = {}) {
    super(withTokenAsPassword(options), settings);
    const { apiUrl, groups = '' } = options.options ?? {};
    const token = options.token ?? options.password;
    this.#name = options.name;
    this.#groups = groups.split(/[\s,]+/).filter((group) => group !== '');
    const authorization = () => (token === undefined ? undefined : `Bearer ${token}`);
    this.#api =
      apiUrl === undefined ? null : new VendorApi({ client: options, settings, base: new URL(apiUrl), authorization });
  }

  /** Rejects with status 404 where `apiUrl` and `groups` are not configured. */
  override async *listRepositories(): AsyncIterable<string> {
    if (this.#api === null || this.#groups.length === 0) throw this.#noCatalog();
    for (const group of this.#groups) {
      const first = `api/v4/groups/${encodeURIComponent(group)}/registry/repositories?per_page=100`;
      for await (const page of vendorPages(this.#api, GroupRepositories, first)) {
        yield* page.map(({ path }) => path);
      }
    }
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#api?.close()]);
  }

  #noCatalog(): RegistryError {
    return new RegistryError(
      'REGISTRY_REFUSED',
      `Registry "${this.#name}" shows its catalog to administrators only. Set apiUrl and groups beside its url, or name the ` +
        'repositories in the rules.',
      { status: 404 },
    );
  }
}
