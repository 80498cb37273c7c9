import pLimit from 'p-limit';
import type { Digest, RepositoryName } from '#domain';
import type { RegistryClient } from '../ports/registry-client.js';
import type { KeptManifest } from '../ports/vault.js';
import { bringBlobs, type StayedBehind } from './bring-blobs.js';
import { type GuardPlace, guardTagOf } from './guard-place.js';

const REQUESTS_AT_ONCE = 4;
const NAMED_AT_MOST = 3;

/** What the guard repository lacks of a tree. */
type Lack = { readonly manifests: readonly KeptManifest[]; readonly blobs: readonly Digest[] };

/**
 * Makes the guard repository hold a sealed manifest with all that it needs, and proves it by asking for each part. `manifests` has children
 * before parents. Answers null once it is proven, else a sentence saying why it is not. Throws `RegistryError`.
 */
export async function guardTree(
  client: RegistryClient,
  source: RepositoryName,
  guard: GuardPlace,
  manifests: readonly KeptManifest[],
): Promise<string | null> {
  const lack = await findLack(client, guard.repository, manifests);
  if (isNone(lack)) return null;
  const route = { from: source, to: guard.repository, copyBytes: guard.copyBytes };
  const behind = await bringBlobs(client, route, lack.blobs);
  if (behind.length > 0) return explain(behind, guard.repository);
  for (const manifest of lack.manifests) {
    await client.putManifest(guard.repository, guardTagOf(manifest.digest), manifest);
  }
  // An answer of 201 proves nothing.
  const left = await findLack(client, guard.repository, manifests);
  if (isNone(left)) return null;
  const parts = [...left.manifests.map(({ digest }) => digest), ...left.blobs];
  return `The registry took everything into ${guard.repository}, and yet has not got ${named(parts)} there. It is tried again.`;
}

async function findLack(
  client: RegistryClient,
  repository: RepositoryName,
  manifests: readonly KeptManifest[],
): Promise<Lack> {
  const limit = pLimit(REQUESTS_AT_ONCE);
  const blobs = [...new Set(manifests.flatMap((manifest) => manifest.blobs))];
  const [heads, presence] = await Promise.all([
    Promise.all(manifests.map(({ digest }) => limit(() => client.findManifestHead(repository, guardTagOf(digest))))),
    Promise.all(blobs.map((blob) => limit(() => client.hasBlob(repository, blob)))),
  ]);
  return {
    manifests: manifests.filter(({ digest }, index) => heads[index]?.digest !== digest),
    blobs: blobs.filter((_, index) => !presence[index]),
  };
}

const isNone = ({ manifests, blobs }: Lack): boolean => manifests.length === 0 && blobs.length === 0;

function explain(behind: readonly StayedBehind[], repository: RepositoryName): string {
  const reasons = [...new Set(behind.map(({ because }) => because))];
  const blobs = named(behind.map(({ digest }) => digest));
  return `${behind.length} blob(s) could not be brought into ${repository}: ${blobs}. Of the first, ${reasons[0] ?? ''}.`;
}

function named(digests: readonly Digest[]): string {
  const more = digests.length - NAMED_AT_MOST;
  return `${digests.slice(0, NAMED_AT_MOST).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
