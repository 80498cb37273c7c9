import { createHash } from 'node:crypto';
import { DomainError } from './domain-error.js';
import { type Digest, isDigest } from './names.js';

/** What a manifest refers to. Source: OCI image-spec (index, manifest), docker manifest v2 schema 2 and manifest list. */
export type ManifestParts = {
  /** Manifests that an index lists. */
  readonly children: readonly Digest[];
  /** Config and layers of an image that the registry must hold; layers to be fetched from elsewhere are left out. */
  readonly blobs: readonly Digest[];
};

/** Bytes that are no manifest that can be kept. */
export class MalformedManifestError extends DomainError {
  constructor(message: string, cause?: unknown) {
    super('MALFORMED_MANIFEST', message, { cause });
  }
}

type Json = Record<string, unknown>;

/** Reads the parts of a manifest's raw bytes. Unknown kinds have no parts. Throws `MalformedManifestError` where it is no JSON object. */
export function partsOfManifest(bytes: Uint8Array): ManifestParts {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw new MalformedManifestError('The manifest is not JSON.', error);
  }
  if (!isObject(parsed)) throw new MalformedManifestError('The manifest is not a JSON object.');
  const children = descriptors(parsed.manifests).map(digestOf);
  const layers = [...descriptors(parsed.layers), ...descriptors(parsed.blobs)].filter((layer) => !isForeign(layer));
  const config = isObject(parsed.config) ? [parsed.config] : [];
  return { children: valid(children), blobs: valid([...config, ...layers].map(digestOf)) };
}

/** Whether a registry's error code says that a part of a manifest is not there. Source: OCI distribution-spec, error codes. */
export const isUnknownPart = (code: string): boolean =>
  ['MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN', 'MANIFEST_UNKNOWN'].includes(code);

/** The digest of bytes, with the algorithm of `like` where one is asked for. */
export function digestOfBytes(bytes: Uint8Array, like?: Digest): Digest {
  const algorithm = like?.startsWith('sha512:') ? 'sha512' : 'sha256';
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const descriptors = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const digestOf = (descriptor: Json): unknown => descriptor.digest;
const valid = (digests: unknown[]): Digest[] => [
  ...new Set(digests.filter((digest): digest is Digest => typeof digest === 'string' && isDigest(digest))),
];
const isForeign = (layer: Json): boolean =>
  typeof layer.mediaType === 'string' && /(?:nondistributable|\.foreign\.)/.test(layer.mediaType);
