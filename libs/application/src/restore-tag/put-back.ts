import pLimit from 'p-limit';
import { type Digest, isUnknownPart, type TagRef } from '#domain';
import { bringBlobs } from '../guard-seal/bring-blobs.js';
import { type GuardPlace, guardTagOf } from '../guard-seal/guard-place.js';
import { canRestoreTags, type RegistryClient, RegistryError } from '../ports/registry-client.js';
import type { KeptManifest } from '../ports/vault.js';

/** A sealed manifest with all that it lists, children before parents; the sealed one is last. */
export type SealedTree = { readonly root: KeptManifest; readonly manifests: readonly KeptManifest[] };

const PARTS_AT_ONCE = 4;

/** Where blobs may still be. `ask` throws where the tag may not be written any more: bringing them takes time. */
export type Rescue = { readonly guard: GuardPlace; readonly ask: () => Promise<void> };

/**
 * Puts the sealed manifest under its tag. Where the registry misses parts of an index, those are put first; where it misses blobs, they are
 * brought back from the guard repository, if they are there. Answers how many were.
 */
export async function putBack(
  client: RegistryClient,
  ref: TagRef,
  tree: SealedTree,
  rescue: Rescue | null = null,
): Promise<number> {
  try {
    await put(client, ref, tree);
    return 0;
  } catch (error) {
    if (rescue === null || !isMissingPart(error)) throw error;
    const brought = await bringBackFor(error, client, ref, tree, rescue.guard);
    if (brought === 0) throw error;
    await rescue.ask();
    await put(client, ref, tree);
    return brought;
  }
}

/** What the guard repository holds of the blobs that the tag's repository misses. Answers how many were brought. */
export async function bringBackBlobs(
  client: RegistryClient,
  ref: TagRef,
  tree: SealedTree,
  guard: GuardPlace,
): Promise<number> {
  const held = await client.findManifestHead(guard.repository, guardTagOf(tree.root.digest));
  if (held?.digest !== tree.root.digest) return 0;
  const { blobs } = await findMissingParts(client, ref, tree);
  const route = { from: guard.repository, to: ref.repository, copyBytes: guard.copyBytes };
  const behind = await bringBlobs(client, route, blobs);
  return blobs.length - behind.length;
}

/** What goes wrong with the guard must not hide what went wrong before. */
async function bringBackFor(
  refusal: RegistryError,
  client: RegistryClient,
  ref: TagRef,
  tree: SealedTree,
  guard: GuardPlace,
): Promise<number> {
  try {
    return await bringBackBlobs(client, ref, tree, guard);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    throw alsoFailed(refusal, error, `Nor could its blobs be brought back from ${guard.repository}`);
  }
}

/** As every registry takes it; where it is refused, by the registry's own way of putting tags back, if it has one. */
async function put(client: RegistryClient, ref: TagRef, tree: SealedTree): Promise<void> {
  try {
    await putManifests(client, ref, tree);
  } catch (error) {
    if (!(error instanceof RegistryError) || !(await isPutBackByRegistry(error, client, ref, tree))) throw error;
  }
}

async function isPutBackByRegistry(
  refusal: RegistryError,
  client: RegistryClient,
  ref: TagRef,
  tree: SealedTree,
): Promise<boolean> {
  if (refusal.code !== 'REGISTRY_REFUSED' || !canRestoreTags(client)) return false;
  try {
    return await client.restoreTag(ref.repository, ref.tag, tree.root.digest);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    throw alsoFailed(refusal, error, "Nor could the registry's own API put it back");
  }
}

/** What was refused first stays what is told. */
function alsoFailed(refusal: RegistryError, error: RegistryError, what: string): RegistryError {
  const { errors, status, retryAfterMs } = refusal;
  return new RegistryError(refusal.code, `${refusal.message} ${what}: ${error.message}`, {
    errors,
    ...(status === null ? {} : { status }),
    retryAfterMs: error.retryAfterMs ?? retryAfterMs,
    retriable: error.retriable,
    cause: error,
  });
}

async function putManifests(client: RegistryClient, ref: TagRef, tree: SealedTree): Promise<void> {
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

const isMissingPart = (error: unknown): error is RegistryError =>
  error instanceof RegistryError && error.errors.some(({ code }) => isUnknownPart(code));

export type MissingParts = { readonly manifests: readonly KeptManifest[]; readonly blobs: readonly Digest[] };

/** What the registry lacks of a tree: a 201 and a right digest do not prove that all of it can be pulled. */
export async function findMissingParts(client: RegistryClient, ref: TagRef, tree: SealedTree): Promise<MissingParts> {
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
