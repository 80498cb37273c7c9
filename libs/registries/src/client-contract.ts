import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { canListRepositories, canUploadBlobs, type Manifest } from '#application';
import { parseDigest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { buildImage, buildIndex, deleteManifest, pushImage, pushIndex, type TestImage, type TestIndex } from '#testing';
import type { ClientSettings, CloseableRegistryClient, RegistryClientOptions } from './adapter.js';
import { missingBlobs } from './distribution/errors.js';

export type ContractRegistry = {
  readonly url: string;
  /** How somebody deletes a manifest where DELETE below `/v2/` is refused. */
  readonly deleteManifest?: (repository: string, digest: string) => Promise<unknown>;
  stop(): Promise<unknown>;
};
type CreateClient = (options: RegistryClientOptions, settings?: ClientSettings) => CloseableRegistryClient;

const repository = parseRepositoryName('team/app');
const absent = parseDigest(`sha256:${'0'.repeat(64)}`);
const tag = parseTagName;

/** What a client must do at every registry, real or fake. `start` gives an empty registry that lets everybody in. */
export function describeClientContract(
  name: string,
  kind: string,
  start: () => Promise<ContractRegistry>,
  create: CreateClient,
): void {
  describe(`client contract: ${name}`, () => {
    let registry: ContractRegistry;
    let client: CloseableRegistryClient;
    const [image1, image2] = [buildImage('one'), buildImage('two')];
    const [v1, v2] = [manifestOf(image1), manifestOf(image2)];

    beforeAll(async () => {
      registry = await start();
      const options = { name: parseRegistryName('contract'), kind, url: registry.url };
      client = create(options, { tagsPerPage: 2, repositoriesPerPage: 2, retry: { attempts: 1 } });
      for (const image of [image1, image2]) await pushImage(registry.url, repository, image.digest, image);
    }, 30_000);

    afterAll(async () => {
      await client?.close();
      await registry?.stop();
    });

    it('answers the check', async () => {
      await expect(client.check()).resolves.toBeUndefined();
    });

    it('finds nothing where nothing is', async () => {
      const nowhere = parseRepositoryName('team/nowhere');
      expect(await client.findManifest(repository, tag('absent'))).toBeNull();
      expect(await client.findManifest(nowhere, tag('absent'))).toBeNull();
      expect(await client.findManifestHead(repository, tag('absent'))).toBeNull();
      expect(await client.findManifestHead(repository, absent)).toBeNull();
      expect(await client.hasBlob(repository, absent)).toBe(false);
      expect(await collect(client.listTags(nowhere))).toEqual([]);
    });

    it('reads back, byte for byte, what it put under a tag and by digest', async () => {
      await client.putManifest(repository, tag('v1'), v1);
      expect(await client.findManifest(repository, tag('v1'))).toEqual(v1);
      expect(await client.findManifest(repository, v1.digest)).toEqual(v1);
      const head = { digest: v1.digest, mediaType: v1.mediaType };
      expect(await client.findManifestHead(repository, tag('v1'))).toEqual(head);
      expect(await client.findManifestHead(repository, v1.digest)).toEqual(head);
    });

    it('puts the first digest back over an overwritten tag, however often', async () => {
      await client.putManifest(repository, tag('moved'), v1);
      await client.putManifest(repository, tag('moved'), v2);
      expect((await client.findManifestHead(repository, tag('moved')))?.digest).toBe(v2.digest);
      await client.putManifest(repository, tag('moved'), v1);
      await client.putManifest(repository, tag('moved'), v1);
      expect((await client.findManifestHead(repository, tag('moved')))?.digest).toBe(v1.digest);
    });

    it('puts a manifest back after it was deleted by digest', async () => {
      await client.putManifest(repository, tag('deleted'), v2);
      const remove = registry.deleteManifest ?? ((name, digest) => deleteManifest(registry.url, name, digest));
      await remove(repository, v2.digest);
      expect(await client.findManifest(repository, tag('deleted'))).toBeNull();
      expect(await client.findManifestHead(repository, v2.digest)).toBeNull();
      await client.putManifest(repository, tag('deleted'), v2);
      expect(await client.findManifest(repository, tag('deleted'))).toEqual(v2);
    });

    it('reads and writes an index with its children', async () => {
      const index = buildIndex('multi');
      await pushIndex(registry.url, repository, index.digest, index);
      await client.putManifest(repository, tag('multi'), manifestOf(index));
      expect(await client.findManifest(repository, tag('multi'))).toEqual(manifestOf(index));
    });

    it('says which blobs are missing, and leaves the tag', async () => {
      await client.putManifest(repository, tag('v1'), v1);
      const image = buildImage('never pushed');
      const put = client.putManifest(repository, tag('v1'), manifestOf(image));
      const error = await put.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'REGISTRY_REFUSED', retriable: false, status: 400 });
      expect(missingBlobs(error).sort()).toEqual(image.blobs.map((blob) => blob.digest).sort());
      expect((await client.findManifestHead(repository, tag('v1')))?.digest).toBe(v1.digest);
    });

    it('says which child of an index is missing', async () => {
      const index = buildIndex('half pushed');
      const [child, lost] = index.images;
      await pushImage(registry.url, repository, 'half', child as TestImage);
      const put = client.putManifest(repository, tag('multi'), manifestOf(index));
      expect(missingBlobs(await put.catch((thrown: unknown) => thrown))).toEqual([lost?.digest]);
    });

    it('tells whether a blob is there', async () => {
      for (const { digest } of image1.blobs) {
        expect(await client.hasBlob(repository, parseDigest(digest))).toBe(true);
      }
    });

    it('lists the tags of all pages', async () => {
      const listed = parseRepositoryName('team/listed');
      const tags = ['a', 'b', 'c', 'd', 'e'];
      for (const each of tags) await pushImage(registry.url, listed, each, image1);
      expect((await collect(client.listTags(listed))).sort()).toEqual(tags);
    });

    it('lists the repositories of all pages, where it can', async () => {
      if (!canListRepositories(client)) return;
      const names = ['cat/a', 'cat/b', 'cat/c', 'cat/d', 'cat/e'];
      for (const each of names) await pushImage(registry.url, each, 'v1', image1);
      expect(await collect(client.listRepositories())).toEqual(expect.arrayContaining(names));
    });

    it('uploads blobs, and no bytes that are not those of their digest, where it can', async () => {
      if (!canUploadBlobs(client)) return;
      const uploaded = parseRepositoryName('team/uploaded');
      const image = buildImage('uploaded');
      for (const { digest, bytes } of image.blobs) await client.putBlob(uploaded, parseDigest(digest), bytes);
      await client.putManifest(uploaded, tag('v1'), manifestOf(image));
      expect(await client.findManifest(uploaded, tag('v1'))).toEqual(manifestOf(image));
      await expect(client.putBlob(uploaded, absent, Buffer.from('other'))).rejects.toMatchObject({
        code: 'REGISTRY_DIGEST_MISMATCH',
      });
      expect(await client.hasBlob(uploaded, absent)).toBe(false);
    });

    it('writes no bytes that are not those of their digest', async () => {
      await client.putManifest(repository, tag('v1'), v1);
      const damaged = { ...v1, bytes: Buffer.concat([v1.bytes, Buffer.from(' ')]) };
      const put = client.putManifest(repository, tag('v1'), damaged);
      await expect(put).rejects.toMatchObject({ code: 'REGISTRY_DIGEST_MISMATCH' });
      expect((await client.findManifestHead(repository, tag('v1')))?.digest).toBe(v1.digest);
    });
  });
}

export async function collect(tags: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const tag of tags) all.push(tag);
  return all;
}

const manifestOf = ({ digest, mediaType, bytes }: TestImage | TestIndex): Manifest => ({
  digest: parseDigest(digest),
  mediaType,
  bytes,
});
