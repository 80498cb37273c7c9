import pLimit from 'p-limit';
import { type Digest, isUnknownPart, type TagRef } from '#domain';
import { type RegistryClient, RegistryError } from '../ports/registry-client.js';
import type { KeptManifest } from '../ports/vault.js';

/** A sealed manifest with all that it lists, children before parents; the sealed one is last. */
export type SealedTree = { readonly root: KeptManifest; readonly manifests: readonly KeptManifest[] };

const PARTS_AT_ONCE = 4;

/** Puts the sealed manifest under its tag. Where the registry misses parts of an index, those are put first. */
export async function putBack(client: RegistryClient, ref: TagRef, tree: SealedTree): Promise<void> {
  try {
    await client.putManifest(ref.repository, ref.tag, tree.root);
  } catch (error) {
    if (!isMissingPart(error) || tree.manifests.length === 1) throw error;
    for (const manifest of tree.manifests) {
      if (manifest !== tree.root) await client.putManifest(ref.repository, manifest.digest, manifest);
    }
    await client.putManifest(ref.repository, ref.tag, tree.root);
  }
}

const isMissingPart = (error: unknown): boolean =>
  error instanceof RegistryError && error.errors.some(({ code }) => isUnknownPart(code));

/** What the registry lacks of a tree: a 201 and a right digest do not prove that all of it can be pulled. */
export async function findMissingParts(
  client: RegistryClient,
  ref: TagRef,
  tree: SealedTree,
): Promise<{ manifests: KeptManifest[]; blobs: Digest[] }> {
  const limit = pLimit(PARTS_AT_ONCE);
  const children = tree.manifests.filter((manifest) => manifest !== tree.root);
  const blobs = [...new Set(tree.manifests.flatMap((manifest) => manifest.blobs))];
  const [heads, presence] = await Promise.all([
    Promise.all(children.map((child) => limit(() => client.findManifestHead(ref.repository, child.digest)))),
    Promise.all(blobs.map((blob) => limit(() => client.hasBlob(ref.repository, blob)))),
  ]);
  return {
    manifests: children.filter((_, index) => heads[index] === null),
    blobs: blobs.filter((_, index) => !presence[index]),
  };
}
