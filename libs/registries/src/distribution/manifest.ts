import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Digest, isDigest } from '#domain';
import { type Answer, first } from './transport.js';

/** Without all four, a registry may answer 404, or convert the manifest or pick a child of the index. */
export const MANIFEST_MEDIA_TYPES: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** `bytes` hashed by the algorithm of `like`, SHA-256 where there is none. */
export function digestOf(bytes: Buffer, like: Digest | null = null): Digest {
  const algorithm = like?.startsWith('sha512:') ? 'sha512' : 'sha256';
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;
}

/** `Docker-Content-Digest`; a SHOULD of the specification, so it may be absent. */
export function findHeaderDigest(answer: Answer): Digest | null {
  const digest = first(answer.headers['docker-content-digest'])?.trim();
  return digest !== undefined && isDigest(digest) ? digest : null;
}

/** The Content-Type where it is a manifest's, without parameters. */
export function findHeaderMediaType(answer: Answer): string | null {
  const type = first(answer.headers['content-type'])?.split(';')[0]?.trim() ?? '';
  return MANIFEST_MEDIA_TYPES.includes(type) ? type : null;
}

const WithMediaType = z.object({ mediaType: z.string().regex(/^[\w.+-]+\/[\w.+-]+$/) });

/** A generic Content-Type (`application/json`) hides the media type that the manifest itself may name. */
export function findManifestMediaType(answer: Answer): string | null {
  const named = findHeaderMediaType(answer);
  if (named !== null) return named;
  try {
    return WithMediaType.parse(JSON.parse(answer.body.toString('utf8'))).mediaType;
  } catch {
    return null;
  }
}
