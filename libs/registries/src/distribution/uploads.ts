import type { Digest, RepositoryName } from '#domain';
import type { Call, RegistryConnection } from './connection.js';
import { type Answer, first } from './transport.js';

/** The answers of uploads have no body worth reading. */
export const MAX_ANSWER = 1024 * 1024;

export const pushScope = (repository: RepositoryName): string => `repository:${repository}:pull,push`;

/** POST that begins an upload, or ends it at once: where `query` asks for a mount. */
export function uploadCall(
  connection: RegistryConnection,
  repository: RepositoryName,
  query: Readonly<Record<string, string>> = {},
  scope: string = pushScope(repository),
): Call {
  const url = connection.urlOf(`${repository}/blobs/uploads/`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return { method: 'POST', url, scope, maxBytes: MAX_ANSWER };
}

/** Where an upload goes on. Credentials go there, so another host is not followed. */
export function uploadLocation(connection: RegistryConnection, call: Call, answer: Answer): URL {
  const location = first(answer.headers.location) ?? '';
  const url = location !== '' && URL.canParse(location, call.url.href) ? new URL(location, call.url.href) : null;
  if (url?.origin !== call.url.origin) {
    throw connection.badAnswer(call, 'wants an upload to go on at no place of its own; not followed');
  }
  return url;
}

/** The same place, with the digest by which the upload ends. */
export function withDigest(location: URL, digest: Digest): URL {
  const url = new URL(location);
  url.searchParams.set('digest', digest);
  return url;
}
