import type { TagRestorer } from '#application';
import type { Digest, RepositoryName, TagName } from '#domain';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { OciRegistryClient } from '../distribution/client.js';
import type { VendorApi } from '../vendor-api/vendor-api.js';
import { createHarborApi, itemsOf } from './api.js';
import { Projects, Repositories } from './schema.js';

/** The catalog belongs to administrators; projects and tags have an API of their own. */
export class HarborClient extends OciRegistryClient implements TagRestorer {
  readonly #api: VendorApi;

  constructor(options: RegistryClientOptions, settings: ClientSettings = {}) {
    super(options, settings);
    this.#api = createHarborApi(options, settings);
  }

  /** Those of every project that the account sees: its own, and the public ones. */
  override async *listRepositories(): AsyncIterable<string> {
    for await (const { name } of itemsOf(this.#api, Projects, 'projects')) {
      const path = `projects/${encodeURIComponent(name)}/repositories`;
      for await (const repository of itemsOf(this.#api, Repositories, path)) yield repository.name;
    }
  }

  async restoreTag(repository: RepositoryName, tag: TagName, digest: Digest): Promise<boolean> {
    const created = await this.#createTag(repository, tag, digest);
    if (created !== 409) return created !== 404;
    const found = await this.findManifestHead(repository, tag);
    if (found?.digest === digest) return true;
    // The API makes tags and does not move them. The artifact is there, or the answer would have been 404, so that the tag is away for
    // no longer than these two requests take.
    if (found !== null) await this.#deleteTag(repository, tag, found.digest);
    return (await this.#createTag(repository, tag, digest, [404])) !== 404;
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#api.close()]);
  }

  /** The status: 404 where there is no such artifact, 409 where there is such a tag. */
  async #createTag(repository: RepositoryName, tag: TagName, digest: Digest, answers = [404, 409]): Promise<number> {
    const path = `${pathOf(repository)}/artifacts/${digest}/tags`;
    const answer = await this.#api.call({ method: 'POST', path, body: { name: tag }, answers, repeatable: true });
    return answer.status;
  }

  async #deleteTag(repository: RepositoryName, tag: TagName, digest: Digest): Promise<void> {
    const path = `${pathOf(repository)}/artifacts/${digest}/tags/${encodeURIComponent(tag)}`;
    await this.#api.call({ method: 'DELETE', path, answers: [404] });
  }
}

/** A slash in a repository's name is encoded twice, as the API documents it. */
function pathOf(repository: RepositoryName): string {
  const slash = repository.indexOf('/');
  const [project, name] = [repository.slice(0, Math.max(slash, 0)), repository.slice(slash + 1)];
  return `projects/${encodeURIComponent(project)}/repositories/${encodeURIComponent(encodeURIComponent(name))}`;
}
