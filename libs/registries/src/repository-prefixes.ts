/** How each of a vendor's repositories is reached below `/v2/`: null where all are, by their own keys. */
export type RepositoryPrefixes = ReadonlyMap<string, string> | null;

/** Of `docker-local=docker, images=`: reached as `docker/…`, and at a host or port of its own. A key alone stands for itself. */
export function parseRepositoryPrefixes(text: string | undefined): RepositoryPrefixes {
  const pairs = (text ?? '').split(/[\s,]+/).filter((pair) => pair !== '');
  if (pairs.length === 0) return null;
  return new Map(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return at === -1 ? [pair, pair] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** The name below `/v2/` of an image in the vendor's repository `key`; null where that repository is none of ours. */
export function nameBelow(prefixes: RepositoryPrefixes, key: string, image: string): string | null {
  const prefix = prefixes === null ? key : prefixes.get(key);
  if (prefix === undefined) return null;
  return prefix === '' ? image : `${prefix}/${image}`;
}
