import { z } from 'zod';
import { type Manifest, type ManifestHead, RegistryClient, RegistryError } from '#application';
import { type Digest, isDigest, type RepositoryName, type TagName } from '#domain';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { type Call, RegistryConnection } from './connection.js';
import {
  digestOf,
  findHeaderDigest,
  findHeaderMediaType,
  findManifestMediaType,
  MANIFEST_MEDIA_TYPES,
} from './manifest.js';
import { findNextLink } from './next-page.js';
import type { Answer } from './transport.js';

const MIB = 1024 * 1024;
/** The size that registries must accept at least, and most accept at most. Source: OCI distribution-spec. */
const MAX_MANIFEST = 4 * MIB;
const MAX_TAGS_PAGE = 8 * MIB;
const MAX_OTHER = MIB;
/** A registry whose pages never end; 10^7 tags at the usual page size. */
const MAX_PAGES = 10_000;

const TagsPage = z.object({ tags: z.array(z.string()).nullish() });

/** Any registry that speaks the OCI distribution-spec. Holds connections: `close()` it. */
export class OciRegistryClient extends RegistryClient {
  readonly #connection: RegistryConnection;
  readonly #tagsPerPage: number;

  constructor(options: RegistryClientOptions, settings: ClientSettings = {}) {
    super();
    this.#connection = new RegistryConnection(options, settings);
    this.#tagsPerPage = settings.tagsPerPage ?? 1000;
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

  /** Empty where the registry does not know the repository. */
  override async *listTags(repository: RepositoryName): AsyncIterable<string> {
    let url: URL | null = this.#connection.urlOf(`${repository}/tags/list?n=${this.#tagsPerPage}`);
    for (let page = 0; url !== null; page++) {
      const call: Call = { method: 'GET', url, scope: `repository:${repository}:pull`, maxBytes: MAX_TAGS_PAGE };
      if (page === MAX_PAGES) throw this.#connection.badAnswer(call, `listed tags on more than ${MAX_PAGES} pages`);
      const answer = await this.#connection.call(call);
      if (answer.status === 404) return;
      yield* this.#tagsOf(call, answer);
      url = this.#nextPage(call, answer);
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

  #tagsOf(call: Call, answer: Answer): readonly string[] {
    try {
      return TagsPage.parse(JSON.parse(answer.body.toString('utf8'))).tags ?? [];
    } catch {
      throw this.#connection.badAnswer(call, 'sent a tag list that is not the JSON of the distribution-spec');
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
