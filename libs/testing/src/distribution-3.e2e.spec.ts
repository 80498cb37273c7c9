import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { crane } from './crane.js';
import { startDistribution3 } from './distribution-3.js';
import type { Distribution } from './distribution-registry.js';
import { buildImage, buildIndex, writeOciLayout } from './images.js';
import { GO_PROVISION_LIMIT_MS } from './provision-go-program.js';
import { deleteManifest, headTag, pushImage, putManifest } from './registry-http.js';

describe('A real registry of version 3, and crane', () => {
  let registry: Distribution;
  let folder: string;

  // A first run may have to build both.
  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/tagwarden-layout-`);
    await crane(['version']);
    registry = await startDistribution3();
  }, 2 * GO_PROVISION_LIMIT_MS);
  afterAll(async () => {
    await registry?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('give an index the same digest as skopeo and bare requests do', async () => {
    const index = buildIndex('by crane');
    await writeOciLayout(index, folder);
    await crane(['push', folder, `${registry.host}/acme/app:v1`]);
    expect((await headTag(registry.url, 'acme/app', 'v1'))?.digest).toBe(index.digest);
    expect(await crane(['digest', `${registry.host}/acme/app:v1`])).toBe(`${index.digest}\n`);
    await expect(crane(['digest', `${registry.host}/acme/app:none`])).rejects.toThrow(/^crane digest failed: .*404/s);
  });

  it('delete one tag and leave the other', async () => {
    const image = buildImage('two tags');
    await pushImage(registry.url, 'acme/two', 'v1', image);
    await putManifest(registry.url, 'acme/two', 'stable', image);
    await crane(['delete', `${registry.host}/acme/two:v1`]);
    expect(await headTag(registry.url, 'acme/two', 'v1')).toBeNull();
    expect((await headTag(registry.url, 'acme/two', 'stable'))?.digest).toBe(image.digest);
  });

  it('collect what is deleted, as version 2 does', async () => {
    const image = buildImage('collected');
    await pushImage(registry.url, 'acme/swept', 'v1', image);
    await deleteManifest(registry.url, 'acme/swept', image.digest);
    await registry.kill();
    expect(await registry.garbageCollect(['--delete-untagged'])).toContain(image.digest);
    await registry.restart();
    await expect(putManifest(registry.url, 'acme/swept', 'v1', image)).rejects.toThrow(/MANIFEST_BLOB_UNKNOWN/);
  });
});
