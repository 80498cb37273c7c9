import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  addMs,
  type Digest,
  instantOf,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  type Seal,
} from '#domain';
import { OciRegistryClient } from '#registries';
import { buildImage, buildIndex, FakeRegistry, type TestImage, type TestIndex } from '#testing';
import { guardTree } from '../guard-seal/guard-tree.js';
import { describeManifest } from '../keep-vault/describe-manifest.js';
import { type RestoreOptions, restoreTag } from './restore-tag.js';

const ref = {
  registry: parseRegistryName('local'),
  repository: parseRepositoryName('team/app'),
  tag: parseTagName('v1'),
};
const guard = { repository: parseRepositoryName('tagwarden/guard'), copyBytes: 0 };

let registry: FakeRegistry;
let client: OciRegistryClient;
beforeEach(async () => {
  registry = await FakeRegistry.start();
  client = new OciRegistryClient(
    { name: ref.registry, kind: 'distribution', url: registry.url },
    { retry: { attempts: 1 } },
  );
});
afterEach(async () => {
  await client.close();
  await registry.stop();
});

const kept = (content: TestImage | TestIndex) => describeManifest({ ...content, digest: content.digest as Digest })!;
const imagesOf = (content: TestImage | TestIndex) => ('images' in content ? content.images : [content]);
const treeOf = (content: TestImage | TestIndex) => {
  const root = kept(content);
  return { root, manifests: 'images' in content ? [...content.images.map(kept), root] : [root] };
};

/** The tag is deleted by digest, and all that it needs collected. */
function destroy(content: TestImage | TestIndex): void {
  registry.deleteReference(ref.repository, content.digest);
  for (const { digest, blobs } of imagesOf(content)) {
    registry.collectGarbage(ref.repository, digest);
    for (const blob of blobs) registry.collectGarbage(ref.repository, blob.digest);
  }
}

function restore(content: TestImage | TestIndex, options: Partial<RestoreOptions> = {}) {
  const seal = { digest: content.digest, sealedAt: addMs(instantOf(Date.now()), -3_600_000) } as Seal;
  return restoreTag(client, ref, seal, treeOf(content), {
    readFirst: false,
    readBackDelaysMs: [5, 10],
    settleMs: 60_000,
    guard,
    mayWrite: async () => true,
    sleep: (ms) => sleep(ms),
    now: Date.now,
    ...options,
  });
}

describe.each([
  ['an image', buildImage('original'), 2],
  ['an index', buildIndex('multi'), 4],
])('The restoration of %s whose blobs are gone', (_, content, blobs) => {
  beforeEach(async () => {
    await registry.push(ref.repository, ref.tag, content);
  });

  test('brings them back from the guard repository, and says so', async () => {
    await guardTree(client, ref.repository, guard, treeOf(content).manifests);
    destroy(content);
    const result = await restore(content);
    expect(result).toMatchObject({ type: 'right', report: { outcome: 'restored' } });
    if (result.type !== 'right') throw new Error('unreachable');
    expect(result.report.reason).toBe(
      `${blobs} blob(s) were gone from team/app and were brought back from the guard repository tagwarden/guard.`,
    );
    expect(registry.findTag(ref.repository, ref.tag)).toBe(content.digest);
    for (const blob of imagesOf(content).flatMap((image) => image.blobs)) {
      expect(registry.hasBlob(ref.repository, blob.digest)).toBe(true);
    }
  });

  test('brings back what is missing under a tag that stands', async () => {
    await guardTree(client, ref.repository, guard, treeOf(content).manifests);
    registry.collectGarbage(ref.repository, imagesOf(content)[0]!.blobs[0]!.digest);
    const result = await restore(content, { readFirst: true });
    expect(result).toMatchObject({ type: 'right', report: { outcome: 'restored' } });
    expect(registry.hasBlob(ref.repository, imagesOf(content)[0]!.blobs[0]!.digest)).toBe(true);
  });

  test('fails with the missing blobs where nothing was guarded, and asks for no mount', async () => {
    destroy(content);
    const result = await restore(content);
    expect(result).toMatchObject({ type: 'failed', retriable: false });
    if (result.type !== 'failed') throw new Error('unreachable');
    expect(result.report.missingBlobs).toHaveLength(blobs);
    expect(registry.calls.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  test('asks once more before it writes: bringing blobs takes time', async () => {
    await guardTree(client, ref.repository, guard, treeOf(content).manifests);
    destroy(content);
    let asked = 0;
    const result = await restore(content, {
      mayWrite: async () => {
        asked += 1;
        return asked === 1;
      },
    });
    expect(result).toEqual({ type: 'overtaken' });
    expect(asked).toBe(2);
    expect(registry.findTag(ref.repository, ref.tag)).toBeNull();
  });
});

test('A guard that cannot be asked does not hide what is missing', async () => {
  const image = buildImage('original');
  await registry.stop();
  registry = await FakeRegistry.start({
    vendor: ({ url }) => (url.pathname.includes(guard.repository) ? { status: 403 } : null),
  });
  await client.close();
  client = new OciRegistryClient(
    { name: ref.registry, kind: 'distribution', url: registry.url },
    { retry: { attempts: 1 } },
  );
  const result = await restore(image);
  expect(result).toMatchObject({ type: 'failed', retriable: false });
  if (result.type !== 'failed') throw new Error('unreachable');
  expect(result.report.reason).toMatch(
    /MANIFEST_BLOB_UNKNOWN.*Nor could its blobs be brought back from tagwarden\/guard/,
  );
  expect(result.report.missingBlobs).toHaveLength(2);
});
