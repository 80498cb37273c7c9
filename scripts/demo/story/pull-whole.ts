import { createHash } from 'node:crypto';
import { type Content, getTag, type TestIndex } from '#testing';

/** Reads all of an image through its tag and compares every byte with what was pushed: a right digest on a tag alone proves little. */
export async function pullWhole(registry: string, repository: string, tag: string, image: TestIndex): Promise<void> {
  await expectManifest(registry, repository, tag, image);
  for (const child of image.images) {
    await expectManifest(registry, repository, child.digest, child);
    for (const blob of child.blobs) await expectBlob(registry, repository, blob);
  }
}

async function expectManifest(registry: string, repository: string, reference: string, wanted: Content): Promise<void> {
  const found = await getTag(registry, repository, reference);
  if (found === null) throw new Error(`${repository}:${reference} should be ${wanted.digest}, and is gone.`);
  const digest = digestOf(found.bytes);
  if (digest !== wanted.digest)
    throw new Error(`${repository}:${reference} should be ${wanted.digest}, and is ${digest}.`);
}

async function expectBlob(registry: string, repository: string, { digest }: Content): Promise<void> {
  const answer = await fetch(`${registry}/v2/${repository}/blobs/${digest}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (answer.ok && digestOf(bytes) === digest) return;
  throw new Error(`The blob ${digest} of ${repository} can't be read whole: the registry answered ${answer.status}.`);
}

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
