import pLimit from 'p-limit';
import type { Digest, RepositoryName } from '#domain';
import { type BlobMounter, canMountBlobs, type RegistryClient } from '../ports/registry-client.js';

/** From where to where blobs are brought, within one registry. */
export type BlobRoute = {
  readonly from: RepositoryName;
  readonly to: RepositoryName;
  /** A blob that the registry does not mount is copied up to this size; 0: none is. */
  readonly copyBytes: number;
};

/** A blob that could not be brought, and why: the end of a sentence. */
export type StayedBehind = { readonly digest: Digest; readonly because: string };

const BLOBS_AT_ONCE = 4;

/** Mounts blobs of one repository into another, or copies them. Answers those that could not be brought. Throws `RegistryError`. */
export async function bringBlobs(
  client: RegistryClient,
  route: BlobRoute,
  blobs: readonly Digest[],
): Promise<StayedBehind[]> {
  if (blobs.length === 0) return [];
  if (!canMountBlobs(client)) {
    return blobs.map((digest) => ({ digest, because: 'this kind of registry has no way to mount a blob' }));
  }
  const limit = pLimit(BLOBS_AT_ONCE);
  const outcomes = await Promise.all(blobs.map((digest) => limit(() => bringBlob(client, route, digest))));
  return blobs.flatMap((digest, index) => {
    const because = outcomes[index] ?? null;
    return because === null ? [] : [{ digest, because }];
  });
}

/** null once it is there. */
async function bringBlob(
  client: RegistryClient & BlobMounter,
  { from, to, copyBytes }: BlobRoute,
  digest: Digest,
): Promise<string | null> {
  if (await client.mountBlob(to, from, digest)) return null;
  if (!(await client.hasBlob(from, digest))) return `it is gone from ${from}`;
  if (copyBytes === 0) {
    return `the registry would not mount it from ${from}, and copying is switched off (guardCopyMiB of the registry)`;
  }
  const copy = await client.copyBlob(to, from, digest, copyBytes);
  switch (copy.type) {
    case 'copied':
      return null;
    case 'absent':
      return `it is gone from ${from}`;
    case 'tooLarge':
      return `the registry would not mount it from ${from}, and its ${copy.bytes} bytes are more than guardCopyMiB lets be copied`;
  }
}
