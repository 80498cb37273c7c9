import { RegistryError } from '#application';
import type { Digest, RepositoryName } from '#domain';
import type { Call, RegistryConnection } from './connection.js';
import { digestOf } from './manifest.js';
import { MAX_ANSWER, pushScope, uploadCall, uploadLocation, withDigest } from './uploads.js';

/** Uploads a blob whole: one request begins, one ends. Source: OCI distribution-spec, "Pushing a blob monolithically". */
export async function putBlob(
  connection: RegistryConnection,
  repository: RepositoryName,
  digest: Digest,
  bytes: Buffer,
): Promise<void> {
  const actual = digestOf(bytes, digest);
  if (actual !== digest) {
    throw new RegistryError(
      'REGISTRY_DIGEST_MISMATCH',
      `Registry "${connection.name}": a blob was to be uploaded as ${digest}, but its bytes hash to ${actual}. Nothing was sent.`,
    );
  }
  const begin = uploadCall(connection, repository);
  const begun = await connection.call(begin);
  if (begun.status === 404) throw connection.refused(begin, begun);
  const end: Call = {
    method: 'PUT',
    url: withDigest(uploadLocation(connection, begin, begun), digest),
    headers: { 'content-type': 'application/octet-stream' },
    body: bytes,
    scope: pushScope(repository),
    maxBytes: MAX_ANSWER,
  };
  const ended = await connection.call(end);
  if (ended.status === 404) throw connection.refused(end, ended);
}
