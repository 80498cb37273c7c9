import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '#application';
import { type Digest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import type { ClientSettings, CloseableRegistryClient, RegistryClientOptions } from './adapter.js';
import { missingBlobs } from './distribution/errors.js';

export type ContractRegistry = { readonly url: string; stop(): Promise<unknown> };
type CreateClient = (options: RegistryClientOptions, settings?: ClientSettings) => CloseableRegistryClient;

const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const repository = parseRepositoryName('team/app');
const sha256 = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;

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
    let v1: Manifest;
    let v2: Manifest;

    beforeAll(async () => {
      registry = await start();
      const options = { name: parseRegistryName('contract'), kind, url: registry.url };
      client = create(options, { tagsPerPage: 2, retry: { attempts: 1 } });
      v1 = await pushBlobs(registry.url, 'one');
      v2 = await pushBlobs(registry.url, 'two');
    }, 30_000);

    afterAll(async () => {
      await client?.close();
      await registry?.stop();
    });

    const tag = (text: string) => parseTagName(text);

    it('answers the check', async () => {
      await expect(client.check()).resolves.toBeUndefined();
    });

    it('finds nothing where nothing is', async () => {
      const nowhere = parseRepositoryName('team/nowhere');
      expect(await client.findManifest(repository, tag('absent'))).toBeNull();
      expect(await client.findManifest(nowhere, tag('absent'))).toBeNull();
      expect(await client.findManifestHead(repository, tag('absent'))).toBeNull();
      expect(await client.findManifestHead(repository, sha256(Buffer.from('absent')))).toBeNull();
      expect(await client.hasBlob(repository, sha256(Buffer.from('absent')))).toBe(false);
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
      const url = `${registry.url}/v2/${repository}/manifests/${v2.digest}`;
      expect((await fetch(url, { method: 'DELETE' })).status).toBe(202);
      expect(await client.findManifest(repository, tag('deleted'))).toBeNull();
      expect(await client.findManifestHead(repository, v2.digest)).toBeNull();
      await client.putManifest(repository, tag('deleted'), v2);
      expect(await client.findManifest(repository, tag('deleted'))).toEqual(v2);
    });

    it('reads and writes an index with its children', async () => {
      await client.putManifest(repository, v1.digest, v1);
      await client.putManifest(repository, v2.digest, v2);
      const index = indexOf([v1, v2]);
      await client.putManifest(repository, tag('multi'), index);
      expect(await client.findManifest(repository, tag('multi'))).toEqual(index);
    });

    it('says which blobs are missing', async () => {
      const { manifest, blobs } = imageOf('never pushed');
      const error = await client.putManifest(repository, tag('v1'), manifest).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'REGISTRY_REFUSED', retriable: false, status: 400 });
      expect(missingBlobs(error).sort()).toEqual(blobs.map(sha256).sort());
      expect((await client.findManifestHead(repository, tag('v1')))?.digest).toBe(v1.digest);
    });

    it('says which child of an index is missing', async () => {
      const child = imageOf('a child never pushed').manifest;
      const put = client.putManifest(repository, tag('multi'), indexOf([v1, child]));
      expect(missingBlobs(await put.catch((thrown: unknown) => thrown))).toEqual([child.digest]);
    });

    it('tells whether a blob is there', async () => {
      const [config] = imageOf('one').blobs;
      expect(await client.hasBlob(repository, sha256(config as Buffer))).toBe(true);
    });

    it('lists the tags of all pages', async () => {
      const listed = parseRepositoryName('team/listed');
      const image = await pushBlobs(registry.url, 'listed', listed);
      const tags = ['a', 'b', 'c', 'd', 'e'];
      for (const each of tags) await client.putManifest(listed, tag(each), image);
      expect((await collect(client.listTags(listed))).sort()).toEqual(tags);
    });

    it('writes no bytes that are not those of their digest', async () => {
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

function imageOf(content: string): { manifest: Manifest; blobs: readonly [Buffer, Buffer] } {
  const blobs = [Buffer.from(JSON.stringify({ content })), Buffer.from(`layer ${content}`)] as const;
  const [config, layer] = blobs.map((blob) => ({
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: sha256(blob),
    size: blob.length,
  }));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: IMAGE, config, layers: [layer] }));
  return { manifest: { digest: sha256(bytes), mediaType: IMAGE, bytes }, blobs };
}

function indexOf(children: readonly Manifest[]): Manifest {
  const manifests = children.map(({ digest, mediaType, bytes }) => ({ mediaType, digest, size: bytes.length }));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }));
  return { digest: sha256(bytes), mediaType: INDEX, bytes };
}

/** Uploads an image's blobs as a client does; the manifest is left to the test. */
async function pushBlobs(url: string, content: string, into: string = repository): Promise<Manifest> {
  const { manifest, blobs } = imageOf(content);
  for (const blob of blobs) {
    const begun = await fetch(`${url}/v2/${into}/blobs/uploads/`, { method: 'POST' });
    const target = new URL(begun.headers.get('location') ?? '', url);
    target.searchParams.set('digest', sha256(blob));
    const done = await fetch(target, { method: 'PUT', body: new Uint8Array(blob) });
    if (done.status !== 201) throw new Error(`The blob was not taken: ${done.status} ${await done.text()}`);
  }
  return manifest;
}
