import type { BlobCopy } from '#application';
import type { Digest, RepositoryName } from '#domain';
import type { Call, RegistryConnection } from './connection.js';
import { type Answer, first } from './transport.js';
import { MAX_ANSWER, pushScope, uploadCall, uploadLocation, withDigest } from './uploads.js';

/** What is held in memory of a blob at a time. */
export const PIECE = 8 * 1024 * 1024;

/**
 * Reads a blob of one repository piece by piece, and uploads it to another. The registry checks the digest when the upload ends.
 * Source: OCI distribution-spec, "Pushing a blob in chunks".
 */
export async function copyBlob(
  connection: RegistryConnection,
  to: RepositoryName,
  from: RepositoryName,
  digest: Digest,
  maxBytes: number,
): Promise<BlobCopy> {
  const source = { url: connection.urlOf(`${from}/blobs/${digest}`), scope: `repository:${from}:pull` };
  const size = await findSize(connection, { ...source, method: 'HEAD', maxBytes: MAX_ANSWER });
  if (size === null) return { type: 'absent' };
  if (size > maxBytes) return { type: 'tooLarge', bytes: size };
  const begin = uploadCall(connection, to);
  let place = uploadLocation(connection, begin, await accepted(connection, begin));
  const pieces = Math.max(1, Math.ceil(size / PIECE));
  for (let index = 0; index < pieces; index++) {
    const range = { start: index * PIECE, end: Math.min(size, (index + 1) * PIECE) };
    const body = size === 0 ? Buffer.alloc(0) : await readPiece(connection, source, range, size);
    const isLast = index === pieces - 1;
    const call: Call = {
      method: isLast ? 'PUT' : 'PATCH',
      url: isLast ? withDigest(place, digest) : place,
      headers: {
        'content-type': 'application/octet-stream',
        ...(pieces > 1 ? { 'content-range': `${range.start}-${range.end - 1}` } : {}),
      },
      body,
      scope: pushScope(to),
      maxBytes: MAX_ANSWER,
    };
    const answer = await accepted(connection, call);
    if (!isLast) place = uploadLocation(connection, call, answer);
  }
  return { type: 'copied' };
}

/** In bytes; null where the blob is not there. */
async function findSize(connection: RegistryConnection, call: Call): Promise<number | null> {
  const answer = await connection.call(call);
  if (answer.status === 404) return null;
  const length = first(answer.headers['content-length']) ?? '';
  if (!/^\d{1,15}$/.test(length)) throw connection.badAnswer(call, 'does not say how large a blob is');
  return Number(length);
}

type Source = { readonly url: URL; readonly scope: string };

async function readPiece(
  connection: RegistryConnection,
  source: Source,
  { start, end }: { readonly start: number; readonly end: number },
  size: number,
): Promise<Buffer> {
  const isWhole = start === 0 && end === size;
  const headers: Record<string, string> = isWhole ? {} : { range: `bytes=${start}-${end - 1}` };
  const call: Call = { ...source, method: 'GET', headers, maxBytes: end - start };
  const answer = await accepted(connection, call);
  const isRight = answer.body.length === end - start && (isWhole || answer.status === 206);
  if (!isRight) throw connection.badAnswer(call, 'sent another piece of a blob than was asked for');
  return answer.body;
}

async function accepted(connection: RegistryConnection, call: Call): Promise<Answer> {
  const answer = await connection.call(call);
  if (answer.status === 404) throw connection.refused(call, answer);
  return answer;
}
