import { RegistryError, type TagRestorer } from '#application';
import type { Digest, RepositoryName, TagName } from '#domain';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { OciRegistryClient } from '../distribution/client.js';
import { withTokenAsPassword } from '../vendor-api/token-as-password.js';
import type { VendorAnswer, VendorApi } from '../vendor-api/vendor-api.js';
import { vendorPages } from '../vendor-api/vendor-pages.js';
import { createGithubApi } from './api.js';
import { Packages, PackageVersions } from './schema.js';

/** No catalog at `/v2/`, and deleted versions that can be had back: both are GitHub's own API's. */
export class GhcrClient extends OciRegistryClient implements TagRestorer {
  readonly #name: string;
  readonly #owners: readonly string[];
  readonly #api: VendorApi;

  constructor(options: RegistryClientOptions, settings: ClientSettings = {}) {
    super(withTokenAsPassword(options), settings);
    this.#name = options.name;
    this.#owners = (options.options?.owners ?? '').split(/[\s,]+/).filter((owner) => owner !== '');
    this.#api = createGithubApi(options, settings);
  }

  /** Rejects with status 404 where `owners` is not configured. */
  override async *listRepositories(): AsyncIterable<string> {
    if (this.#owners.length === 0) throw this.#noCatalog();
    for (const owner of this.#owners) {
      const path = `${await this.#placeOf(owner)}/packages?package_type=container&per_page=100`;
      for await (const page of vendorPages(this.#api, Packages, path)) {
        yield* page.map((found) => `${found.owner.login}/${found.name}`.toLowerCase());
      }
    }
  }

  /** A version that was deleted in the last 30 days comes back with its layers; only then can the tag be put on it. */
  async restoreTag(repository: RepositoryName, tag: TagName, digest: Digest): Promise<boolean> {
    const [owner = '', ...rest] = repository.split('/');
    const path = `${await this.#placeOf(owner)}/packages/container/${encodeURIComponent(rest.join('/'))}`;
    if (!(await this.#restoreVersion(path, digest))) return false;
    const manifest = await this.findManifest(repository, digest);
    if (manifest === null) return false;
    await this.putManifest(repository, tag, manifest);
    return true;
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#api.close()]);
  }

  async #restoreVersion(path: string, digest: Digest): Promise<boolean> {
    const deleted = `${path}/versions?state=deleted&per_page=100`;
    // With its last version the package itself was deleted.
    const isGone = (await this.#api.call({ method: 'GET', path: deleted, answers: [404] })).status === 404;
    if (isGone) return this.#isDone(await this.#post(`${path}/restore`));
    for await (const page of vendorPages(this.#api, PackageVersions, deleted)) {
      const version = page.find(({ name }) => name === digest);
      if (version) return this.#isDone(await this.#post(`${path}/versions/${version.id}/restore`));
    }
    return false;
  }

  #post(path: string): Promise<VendorAnswer> {
    return this.#api.call({ method: 'POST', path, answers: [404] });
  }

  #isDone({ status }: VendorAnswer): boolean {
    return status !== 404;
  }

  /** Organisations and people have their packages in different places. */
  async #placeOf(owner: string): Promise<string> {
    const name = encodeURIComponent(owner);
    const { status } = await this.#api.call({ method: 'GET', path: `orgs/${name}`, answers: [404] });
    return `${status === 404 ? 'users' : 'orgs'}/${name}`;
  }

  #noCatalog(): RegistryError {
    return new RegistryError(
      'REGISTRY_REFUSED',
      `Registry "${this.#name}" has no catalog. Name the organisations and people to list in owners, or the repositories in the rules.`,
      { status: 404 },
    );
  }
}
