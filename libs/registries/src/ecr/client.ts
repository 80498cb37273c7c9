import { z } from 'zod';
import { type Manifest, RegistryError, type TagRestorer } from '#application';
import type { Digest, RepositoryName, TagName } from '#domain';
import type { ClientSettings, CloseableRegistryClient, RegistryClientOptions } from '../adapter.js';
import { OciRegistryClient } from '../distribution/client.js';
import { digestOf, MANIFEST_MEDIA_TYPES } from '../distribution/manifest.js';
import { saysCode } from '../vendor-api/vendor-errors.js';
import { EcrApi } from './api.js';
import { ecrLogin } from './auth.js';
import { findAwsCredentials } from './aws-credentials.js';
import { findRegistryHost } from './registry-host.js';
import { Images, Repositories } from './schema.js';

/** With an access key or a role: over ECR's API too. With a username and password: over `/v2/` alone. */
export function createEcrClient(
  options: RegistryClientOptions,
  settings: ClientSettings = {},
): CloseableRegistryClient {
  const credentials = findAwsCredentials(options, settings);
  if (credentials === null) return new EcrRegistryClient(options, settings);
  const api = new EcrApi(options, settings, credentials);
  return new EcrApiClient({ ...options, login: ecrLogin(options, api) }, settings, api);
}

class EcrRegistryClient extends OciRegistryClient {
  override async putManifest(repository: RepositoryName, reference: TagName | Digest, manifest: Manifest) {
    try {
      await super.putManifest(repository, reference, manifest);
    } catch (error) {
      // The tag is on that digest already.
      if (!saysAlreadyThere(error)) throw error;
    }
  }
}

/** What the API calls the image that is there under this tag already: what was wished for. */
const saysAlreadyThere = (error: unknown): boolean => saysCode(error, 'ImageAlreadyExistsException');

class EcrApiClient extends EcrRegistryClient implements TagRestorer {
  readonly #name: string;
  readonly #api: EcrApi;
  readonly #registryId: { readonly registryId?: string };
  readonly #perPage: number;

  constructor(options: RegistryClientOptions, settings: ClientSettings, api: EcrApi) {
    super(options, settings);
    this.#name = options.name;
    this.#api = api;
    const account = options.options?.account ?? findRegistryHost(options.url)?.account;
    this.#registryId = account === undefined ? {} : { registryId: account };
    this.#perPage = settings.repositoriesPerPage ?? 1000;
  }

  override async *listRepositories(): AsyncIterable<string> {
    let nextToken: string | null = null;
    do {
      const input = { ...this.#registryId, maxResults: this.#perPage, ...(nextToken === null ? {} : { nextToken }) };
      const page: Repositories = await this.#api.call('DescribeRepositories', input, Repositories);
      yield* (page.repositories ?? []).map(({ repositoryName }) => repositoryName);
      nextToken = page.nextToken || null;
    } while (nextToken !== null);
  }

  async restoreTag(repository: RepositoryName, tag: TagName, digest: Digest): Promise<boolean> {
    const image = await this.#findImage(repository, digest);
    if (image === null) return false;
    const input = {
      ...this.#registryId,
      repositoryName: repository,
      imageTag: tag,
      imageDigest: digest,
      imageManifest: image.imageManifest,
      ...(image.imageManifestMediaType ? { imageManifestMediaType: image.imageManifestMediaType } : {}),
    };
    try {
      await this.#api.call('PutImage', input, z.unknown());
    } catch (error) {
      if (!saysAlreadyThere(error)) throw error;
    }
    return true;
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#api.close()]);
  }

  async #findImage(repository: RepositoryName, digest: Digest) {
    const input = {
      ...this.#registryId,
      repositoryName: repository,
      imageIds: [{ imageDigest: digest }],
      acceptedMediaTypes: MANIFEST_MEDIA_TYPES,
    };
    try {
      const [image] = (await this.#api.call('BatchGetImage', input, Images)).images;
      if (image === undefined) return null;
      if (digestOf(Buffer.from(image.imageManifest), digest) === digest) return image;
    } catch (error) {
      if (saysCode(error, 'RepositoryNotFoundException')) return null;
      throw error;
    }
    throw new RegistryError(
      'REGISTRY_DIGEST_MISMATCH',
      `Registry "${this.#name}" sent other bytes than those of ${digest} for an image of ${repository}. Nothing was written.`,
    );
  }
}
