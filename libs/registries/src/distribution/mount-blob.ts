import { RegistryError } from '#application';
import type { Digest, RepositoryName } from '#domain';
import type { Call, RegistryConnection } from './connection.js';
import { findHeaderDigest } from './manifest.js';
import type { Answer } from './transport.js';
import { MAX_ANSWER, pushScope, uploadCall, uploadLocation } from './uploads.js';

/**
 * Makes a blob of one repository be in another as well. A registry that does not mount begins an upload instead (202), which is called off
 * again. Source: OCI distribution-spec, "Mounting a blob from another repository".
 */
export async function mountBlob(
  connection: RegistryConnection,
  to: RepositoryName,
  from: RepositoryName,
  digest: Digest,
): Promise<boolean> {
  const scope = `${pushScope(to)} repository:${from}:pull`;
  const call = uploadCall(connection, to, { mount: digest, from }, scope);
  const answer = await connection.call(call);
  if (answer.status === 201) {
    const mounted = findHeaderDigest(answer);
    return mounted === null || mounted === digest;
  }
  if (answer.status === 404) return refuseUnlessUnknownBlob(connection.refused(call, answer));
  await callOff(connection, call, answer);
  return false;
}

/** Some say so of a blob that is not where it is to be mounted from; any other 404 is of the repository. */
function refuseUnlessUnknownBlob(error: RegistryError): false {
  if (error.errors.some(({ code }) => code === 'BLOB_UNKNOWN')) return false;
  throw error;
}

/** An upload that is left open is swept by the registry some day: that it cannot be called off harms nothing. */
async function callOff(connection: RegistryConnection, call: Call, answer: Answer): Promise<void> {
  try {
    const url = uploadLocation(connection, call, answer);
    await connection.call({ method: 'DELETE', url, scope: call.scope, maxBytes: MAX_ANSWER });
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
  }
}
