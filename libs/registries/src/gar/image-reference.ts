import {
  type Digest,
  parseDigest,
  parseRepositoryName,
  parseTagName,
  type RepositoryName,
  type TagName,
} from '#domain';

/** `host/project/repository/image`, and what of it. */
export type ImageReference<T> = { readonly host: string; readonly repository: RepositoryName; readonly of: T };

/** `host/path@sha256:…`. Throws `MalformedNameError`. */
export function parseDigestReference(text: string): ImageReference<Digest> {
  const at = text.indexOf('@');
  return { ...parsePath(at < 0 ? text : text.slice(0, at)), of: parseDigest(at < 0 ? '' : text.slice(at + 1)) };
}

/** `host/path:tag`; the host may have a port. Throws `MalformedNameError`. */
export function parseTagReference(text: string): ImageReference<TagName> {
  const colon = text.lastIndexOf(':');
  const isTagged = colon > text.lastIndexOf('/');
  return {
    ...parsePath(isTagged ? text.slice(0, colon) : text),
    of: parseTagName(isTagged ? text.slice(colon + 1) : ''),
  };
}

function parsePath(text: string): { host: string; repository: RepositoryName } {
  const slash = text.indexOf('/');
  return {
    host: text.slice(0, Math.max(0, slash)),
    repository: parseRepositoryName(slash < 0 ? '' : text.slice(slash + 1)),
  };
}
