import { z } from 'zod';
import {
  type BlobCopy,
  type BlobMounter,
  type BlobUploader,
  type Manifest,
  type ManifestHead,
  RegistryClient,
  RegistryError,
  type RepositoryLister,
} from '#application';
import { type Digest, isDigest, type RepositoryName, type TagName } from '#domain';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { type Call, RegistryConnection } from './connection.js';
import { copyBlob } from './copy-blob.js';
import {
  digestOf,
  findHeaderDigest,
  findHeaderMediaType,
  findManifestMediaType,
  MANIFEST_MEDIA_TYPES,
} from './manifest.js';
import { mountBlob } from './mount-blob.js';
import { findNextLink } from './next-page.js';
import { putBlob } from './put-blob.js';
import type { Answer } from './transport.js';

const MIB = 1024 * 1024;
/** The size that registries must accept at least, and most accept at most. Source: OCI distribution-spec. */
const MAX_MANIFEST = 4 * MIB;
const MAX_LIST_PAGE = 8 * MIB;
const MAX_OTHER = MIB;
/** A registry whose pages never end; 10^7 tags at the usual page size. */
const MAX_PAGES = 10_000;

const TagsPage = z.object({ tags: z.array(z.string()).nullish() });
const CatalogPage = z.object({ repositories: z.array(z.string()).nullish() });

/** Any registry that speaks the OCI distribution-spec. Holds connections: `close()` it. */
export class OciRegistryClient extends RegistryClient implements RepositoryLister, BlobMounter, BlobUploader {
  readonly #connection: RegistryConnection;
  readonly #tagsPerPage: number;
  readonly #repositoriesPerPage: number;

  constructor(options: RegistryClientOptions, settings: ClientSettings = {}) {
    super();
    this.#connection = new RegistryConnection(options, settings);
    this.#tagsPerPage = settings.tagsPerPage ?? 1000;
    this.#repositoriesPerPage = settings.repositoriesPerPage ?? 1000;
  }

  override async findManifest(repository: RepositoryName, reference: TagName | Digest): Promise<Manifest | null> {
    const call = this.#manifestCall('GET', repository, reference);
    const answer = await this.#connection.call(call);
    if (answer.status === 404) return null;
    const bytes = answer.body;
    const expected = isDigest(reference) ? reference : findHeaderDigest(answer);
    const digest = digestOf(bytes, expected);
    if (expected !== null && digest !== expected) throw this.#mismatch(call, expected, digest);
    const mediaType = findManifestMediaType(answer);
    if (mediaType === null) {
      throw this.#connection.badAnswer(
        call,
        'sent a manifest of no known media type; Docker schema 1 is not supported',
      );
    }
    return { digest, mediaType, bytes };
  }

  override async findManifestHead(
    repository: RepositoryName,
    reference: TagName | Digest,
  ): Promise<ManifestHead | null> {
    const call = this.#manifestCall('HEAD', repository, reference);
    const answer = await this.#connection.call(call);
    if (answer.status === 404) return null;
    const digest = findHeaderDigest(answer);
    const mediaType = findHeaderMediaType(answer);
    if (digest === null || mediaType === null) return this.#headByGet(repository, reference);
    if (isDigest(reference) && digest !== reference) throw this.#mismatch(call, reference, digest);
    return { digest, mediaType };
  }

  override async putManifest(
    repository: RepositoryName,
    reference: TagName | Digest,
    manifest: Manifest,
  ): Promise<void> {
    const call: Call = {
      method: 'PUT',
      url: this.#connection.urlOf(`${repository}/manifests/${reference}`),
      headers: { 'content-type': manifest.mediaType },
      body: manifest.bytes,
      scope: `repository:${repository}:pull,push`,
      maxBytes: MAX_OTHER,
    };
    // A damaged copy must never reach the registry, whoever kept it.
    const actual = digestOf(manifest.bytes, manifest.digest);
    if (actual !== manifest.digest) throw this.#mismatch(call, manifest.digest, actual);
    const answer = await this.#connection.call(call);
    if (answer.status === 404) throw this.#connection.refused(call, answer);
    const stored = findHeaderDigest(answer);
    if (stored !== null && stored !== digestOf(manifest.bytes, stored)) {
      throw this.#mismatch(call, manifest.digest, stored);
    }
  }

  override async hasBlob(repository: RepositoryName, digest: Digest): Promise<boolean> {
    const url = this.#connection.urlOf(`${repository}/blobs/${digest}`);
    const answer = await this.#connection.call({
      method: 'HEAD',
      url,
      scope: `repository:${repository}:pull`,
      maxBytes: MAX_OTHER,
    });
    return answer.status !== 404;
  }

  mountBlob(to: RepositoryName, from: RepositoryName, digest: Digest): Promise<boolean> {
    return mountBlob(this.#connection, to, from, digest);
  }

  copyBlob(to: RepositoryName, from: RepositoryName, digest: Digest, maxBytes: number): Promise<BlobCopy> {
    return copyBlob(this.#connection, to, from, digest, maxBytes);
  }

  putBlob(repository: RepositoryName, digest: Digest, bytes: Buffer): Promise<void> {
    return putBlob(this.#connection, repository, digest, bytes);
  }

  /** Empty where the registry does not know the repository. */
  override async *listTags(repository: RepositoryName): AsyncIterable<string> {
    const url = this.#connection.urlOf(`${repository}/tags/list?n=${this.#tagsPerPage}`);
    for await (const { call, answer } of this.#pages(url, `repository:${repository}:pull`)) {
      if (answer.status === 404) return;
      yield* this.#parsed(TagsPage, call, answer, 'a tag list').tags ?? [];
    }
  }

  /** Rejects with what the registry said where it has no catalog, or not for us. */
  async *listRepositories(): AsyncIterable<string> {
    const url = this.#connection.urlOf(`_catalog?n=${this.#repositoriesPerPage}`);
    for await (const { call, answer } of this.#pages(url, 'registry:catalog:*')) {
      if (answer.status === 404) throw this.#connection.refused(call, answer);
      yield* this.#parsed(CatalogPage, call, answer, 'a catalog').repositories ?? [];
    }
  }

  override async check(): Promise<void> {
    const call: Call = { method: 'GET', url: this.#connection.urlOf(''), scope: '', maxBytes: MAX_OTHER };
    const answer = await this.#connection.call(call);
    if (answer.status === 404) {
      throw this.#connection.badAnswer(call, 'has no OCI distribution API at its url; check the host, port and path');
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #manifestCall(method: 'GET' | 'HEAD', repository: RepositoryName, reference: TagName | Digest): Call {
    return {
      method,
      url: this.#connection.urlOf(`${repository}/manifests/${reference}`),
      headers: { accept: MANIFEST_MEDIA_TYPES.join(', ') },
      scope: `repository:${repository}:pull`,
      maxBytes: MAX_MANIFEST,
    };
  }

  async #headByGet(repository: RepositoryName, reference: TagName | Digest): Promise<ManifestHead | null> {
    const manifest = await this.findManifest(repository, reference);
    return manifest && { digest: manifest.digest, mediaType: manifest.mediaType };
  }

  async *#pages(first: URL, scope: string): AsyncGenerator<{ call: Call; answer: Answer }> {
    let url: URL | null = first;
    for (let page = 0; url !== null; page++) {
      const call: Call = { method: 'GET', url, scope, maxBytes: MAX_LIST_PAGE };
      if (page === MAX_PAGES) throw this.#connection.badAnswer(call, `listed more than ${MAX_PAGES} pages`);
      const answer = await this.#connection.call(call);
      yield { call, answer };
      url = this.#nextPage(call, answer);
    }
  }

  #parsed<T extends z.ZodType>(schema: T, call: Call, answer: Answer, what: string): z.output<T> {
    try {
      return schema.parse(JSON.parse(answer.body.toString('utf8')));
    } catch {
      throw this.#connection.badAnswer(call, `sent ${what} that is not the JSON of the distribution-spec`);
    }
  }

  #nextPage(call: Call, answer: Answer): URL | null {
    const link = findNextLink(answer.headers.link);
    if (link === null) return null;
    const next = URL.canParse(link, call.url.href) ? new URL(link, call.url.href) : null;
    if (next?.origin !== call.url.origin || next.href === call.url.href) {
      throw this.#connection.badAnswer(
        call,
        'links to a next page that is the same page or on another host; not followed',
      );
    }
    return next;
  }

  #mismatch(call: Call, expected: Digest, actual: Digest): RegistryError {
    const what = `Registry "${this.#connection.name}": ${call.method} ${call.url.pathname}`;
    return new RegistryError(
      'REGISTRY_DIGEST_MISMATCH',
      `${what} was to carry ${expected}, but the bytes or the answer say ${actual}. Nothing was relied on.`,
    );
  }
}
