import { type Digest, DomainError, type RegistryName, type RepositoryName, type TagName } from '#domain';

export type Manifest = { readonly digest: Digest; readonly mediaType: string; readonly bytes: Buffer };
export type ManifestHead = { readonly digest: Digest; readonly mediaType: string };

/** One registry over HTTP, per the OCI distribution-spec. Absence is a value (null, false); everything else throws `RegistryError`. */
export abstract class RegistryClient {
  /** GET with all four Accept types; the bytes are checked against the digest asked for, or the header's. */
  abstract findManifest(repository: RepositoryName, reference: TagName | Digest): Promise<Manifest | null>;
  /** HEAD; falls back to GET and hashing where the registry sends no `Docker-Content-Digest`. */
  abstract findManifestHead(repository: RepositoryName, reference: TagName | Digest): Promise<ManifestHead | null>;
  /** PUT of the raw bytes with their original media type. */
  abstract putManifest(repository: RepositoryName, reference: TagName | Digest, manifest: Manifest): Promise<void>;
  abstract hasBlob(repository: RepositoryName, digest: Digest): Promise<boolean>;
  /** Follows `Link: rel="next"`. */
  abstract listTags(repository: RepositoryName): AsyncIterable<string>;
  /** GET /v2/: resolves when the registry answers and takes our credentials. */
  abstract check(): Promise<void>;
}

/** An optional power of a client, asked for with `canListRepositories`: its registry tells which repositories it has. */
export type RepositoryLister = {
  /** Names as the registry gives them. Follows `Link: rel="next"`. Many registries refuse it, to everybody or to most. */
  listRepositories(): AsyncIterable<string>;
};

export const canListRepositories = (client: RegistryClient): client is RegistryClient & RepositoryLister =>
  'listRepositories' in client;

/** An optional power of a client, asked for with `canRestoreTags`: its registry has a way of its own to put a tag back. */
export interface TagRestorer {
  /** Puts the tag back on a manifest that the registry still has, by its own API; false: it has not. */
  restoreTag(repository: RepositoryName, tag: TagName, digest: Digest): Promise<boolean>;
}

export const canRestoreTags = (client: RegistryClient): client is RegistryClient & TagRestorer =>
  'restoreTag' in client;

/** An optional power of a client, asked for with `canMountBlobs`: it brings a blob of one repository into another of the same registry. */
export interface BlobMounter {
  /** Without its bytes going over the wire; false: the registry did not do it, for whatever reason. */
  mountBlob(to: RepositoryName, from: RepositoryName, digest: Digest): Promise<boolean>;
  /** By reading and writing it, a bounded piece at a time; one that is larger than `maxBytes` is left alone. */
  copyBlob(to: RepositoryName, from: RepositoryName, digest: Digest, maxBytes: number): Promise<BlobCopy>;
}

export type BlobCopy =
  | { readonly type: 'copied' }
  | { readonly type: 'absent' }
  | { readonly type: 'tooLarge'; readonly bytes: number };

export const canMountBlobs = (client: RegistryClient): client is RegistryClient & BlobMounter =>
  'mountBlob' in client && 'copyBlob' in client;

/** An optional power of a client, asked for with `canUploadBlobs`. For blobs that fit into memory. */
export interface BlobUploader {
  /** Sends nothing that does not hash to the digest. */
  putBlob(repository: RepositoryName, digest: Digest, bytes: Buffer): Promise<void>;
}

export const canUploadBlobs = (client: RegistryClient): client is RegistryClient & BlobUploader => 'putBlob' in client;

/** The configured registries' clients. */
export abstract class RegistryClients {
  /** Throws `REGISTRY_UNKNOWN`. */
  abstract get(registry: RegistryName): RegistryClient;
}

export type RegistryErrorCode =
  /** No answer: refused, reset, timed out, TLS. */
  | 'REGISTRY_UNREACHABLE'
  /** 401 or 403 with our credentials. */
  | 'REGISTRY_DENIED'
  /** The registry holds the tag immutable itself, and refuses to have it changed. */
  | 'REGISTRY_IMMUTABLE'
  /** 429 or 503 after all retries. */
  | 'REGISTRY_BUSY'
  /** Another 4xx or 5xx; `errors` has what the registry said. */
  | 'REGISTRY_REFUSED'
  /** Bytes that do not hash to the digest they were asked for by. */
  | 'REGISTRY_DIGEST_MISMATCH'
  /** A body over the cap, or one that can't be parsed. */
  | 'REGISTRY_BAD_ANSWER'
  /** No registry of that name is configured. */
  | 'REGISTRY_UNKNOWN';

/** What a registry answers: `{"errors":[{code,message,detail}]}`. */
export type RegistryErrorDetail = { readonly code: string; readonly message: string; readonly detail?: unknown };

export class RegistryError extends DomainError {
  declare readonly code: RegistryErrorCode;
  /** The HTTP status, where there was an answer. */
  readonly status: number | null;
  readonly errors: readonly RegistryErrorDetail[];
  /** How long the registry asked us to wait (`Retry-After`), where it did. */
  readonly retryAfterMs: number | null;

  constructor(
    code: RegistryErrorCode,
    message: string,
    options: {
      cause?: unknown;
      retriable?: boolean;
      status?: number;
      errors?: readonly RegistryErrorDetail[];
      retryAfterMs?: number | null;
    } = {},
  ) {
    super(code, message, options);
    this.status = options.status ?? null;
    this.errors = options.errors ?? [];
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
