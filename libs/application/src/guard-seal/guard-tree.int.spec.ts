import { afterEach, describe, expect, test } from '@jest/globals';
import { type Digest, parseRegistryName, parseRepositoryName } from '#domain';
import { OciRegistryClient } from '#registries';
import {
  buildImage,
  buildIndex,
  FakeRegistry,
  type FakeRegistryOptions,
  type TestImage,
  type TestIndex,
} from '#testing';
import { describeManifest } from '../keep-vault/describe-manifest.js';
import { guardTagOf } from './guard-place.js';
import { guardTree } from './guard-tree.js';

const source = parseRepositoryName('team/app');
const repository = parseRepositoryName('tagwarden/guard');
const MIB = 1024 * 1024;

let registry: FakeRegistry;
let client: OciRegistryClient;
const open = async (options: FakeRegistryOptions = {}) => {
  registry = await FakeRegistry.start(options);
  client = new OciRegistryClient(
    { name: parseRegistryName('local'), kind: 'distribution', url: registry.url },
    { retry: { attempts: 1 } },
  );
};
afterEach(async () => {
  await client.close();
  await registry.stop();
});

const kept = (content: TestImage | TestIndex) => describeManifest({ ...content, digest: content.digest as Digest })!;
const treeOf = (content: TestImage | TestIndex) =>
  'images' in content ? [...content.images.map(kept), kept(content)] : [kept(content)];
const guard = (content: TestImage | TestIndex, copyBytes = 0) =>
  guardTree(client, source, { repository, copyBytes }, treeOf(content));
const heldAs = (digest: string) => registry.findTag(repository, guardTagOf(digest as Digest));
const writes = () => registry.calls.filter(({ method }) => method !== 'HEAD').length;

const image = buildImage('original');
const index = buildIndex('multi');

describe('Guarding a sealed manifest', () => {
  test('brings its blobs into the guard repository and puts it under a tag of its own', async () => {
    await open();
    await registry.push(source, 'v1', image);
    expect(await guard(image)).toBeNull();
    expect(heldAs(image.digest)).toBe(image.digest);
    for (const { digest } of image.blobs) expect(registry.hasBlob(repository, digest)).toBe(true);
  });

  test('gives each child of an index a tag, since collectors take untagged children', async () => {
    await open();
    await registry.push(source, 'v1', index);
    expect(await guard(index)).toBeNull();
    for (const { digest } of [...index.images, index]) expect(heldAs(digest)).toBe(digest);
  });

  test('writes nothing where everything is there', async () => {
    await open();
    await registry.push(source, 'v1', index);
    await guard(index);
    registry.calls.length = 0;
    expect(await guard(index)).toBeNull();
    expect(writes()).toBe(0);
  });

  test('brings anew what is gone from the guard repository', async () => {
    await open();
    await registry.push(source, 'v1', index);
    await guard(index);
    registry.collectGarbage(repository, index.images[0]!.blobs[1]!.digest);
    registry.deleteReference(repository, index.images[1]!.digest);
    expect(await guard(index)).toBeNull();
    expect(heldAs(index.images[1]!.digest)).toBe(index.images[1]!.digest);
  });

  test('says which blobs are gone from the repository too', async () => {
    await open();
    await registry.push(source, 'v1', image);
    for (const { digest } of image.blobs) registry.collectGarbage(source, digest);
    const why = await guard(image);
    expect(why).toMatch(/^2 blob\(s\) could not be brought into tagwarden\/guard: .* gone from team\/app\.$/);
    expect(why).toContain(image.blobs[0]!.digest);
    expect(heldAs(image.digest)).toBeNull();
  });

  test('says that a registry does not mount, and what to switch on', async () => {
    await open({ refusesMounts: true });
    await registry.push(source, 'v1', image);
    expect(await guard(image)).toMatch(/would not mount it from team\/app, and copying is switched off \(guardCopyMiB/);
    expect(registry.openUploads).toBe(0);
  });

  test('copies where the registry does not mount, up to a size', async () => {
    await open({ refusesMounts: true });
    await registry.push(source, 'v1', image);
    expect(await guard(image, 10)).toMatch(/bytes are more than guardCopyMiB lets be copied/);
    expect(await guard(image, MIB)).toBeNull();
    expect(heldAs(image.digest)).toBe(image.digest);
  });

  test('believes no 201: what is not there afterwards is not proven', async () => {
    const path = `/v2/${repository}/manifests/${guardTagOf(image.digest as Digest)}`;
    await open({ vendor: ({ method, url }) => (method === 'PUT' && url.pathname === path ? { status: 201 } : null) });
    await registry.push(source, 'v1', image);
    expect(await guard(image)).toMatch(/took everything into tagwarden\/guard, and yet has not got sha256:/);
  });
});
