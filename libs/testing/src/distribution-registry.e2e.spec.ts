import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Distribution, startDistribution, TEST_CREDENTIALS } from './distribution-registry.js';
import { buildImage, buildIndex, OCI_INDEX, OCI_MANIFEST, writeOciLayout } from './images.js';
import { deleteManifest, getTag, headTag, pushImage, pushIndex, putManifest } from './registry-http.js';
import { skopeo } from './skopeo.js';

// A first run may have to install the registry.
jest.setTimeout(180_000);

type Notified = { action: string; target: { digest?: string; tag?: string } };

let sink: Server;
let registry: Distribution;
let senders: (string | undefined)[];
let notified: Notified[];

beforeAll(async () => {
  senders = [];
  notified = [];
  sink = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    senders.push(request.headers.authorization);
    notified.push(...JSON.parse(Buffer.concat(chunks).toString()).events);
    response.end();
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  registry = await startDistribution({
    notifications: {
      url: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/hooks/local`,
      headers: { Authorization: ['Bearer hook-token'] },
      ignore: { mediatypes: ['application/octet-stream'], actions: ['pull'] },
    },
  });
}, 180_000);

afterAll(async () => {
  await registry.stop();
  sink.close();
});

describe('a real registry', () => {
  it('takes an image and an index by HTTP, and gives the same bytes back', async () => {
    const [image, index] = [buildImage('one'), buildIndex('many')];
    expect(await pushImage(registry.url, 'acme/app', 'v1', image)).toBe(image.digest);
    expect(await pushIndex(registry.url, 'acme/app', 'v2', index)).toBe(index.digest);
    expect(await headTag(registry.url, 'acme/app', 'v1')).toEqual({ digest: image.digest, mediaType: OCI_MANIFEST });
    expect(await getTag(registry.url, 'acme/app', 'v2')).toEqual({
      digest: index.digest,
      mediaType: OCI_INDEX,
      bytes: index.bytes,
    });
  });

  it('takes the same images from skopeo, under the same digests', async () => {
    const folder = await mkdtemp(`${tmpdir()}/tagwarden-layout-`);
    try {
      const index = buildIndex('by skopeo');
      await writeOciLayout(index, folder, 'v3');
      await skopeo(['copy', '--all', `oci:${folder}:v3`, `docker://${registry.host}/acme/app:v3`]);
      expect((await headTag(registry.url, 'acme/app', 'v3'))?.digest).toBe(index.digest);
      const inspected = JSON.parse(await skopeo(['inspect', '--config', `docker://${registry.host}/acme/app:v3`]));
      expect(inspected.os).toBe('linux');
      await expect(skopeo(['inspect', `docker://${registry.host}/acme/app:none`])).rejects.toThrow(
        /skopeo inspect failed/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('deletes by digest, and tells the sink of each push and deletion with our header', async () => {
    const image = buildImage('short-lived');
    await pushImage(registry.url, 'acme/gone', 'v1', image);
    await deleteManifest(registry.url, 'acme/gone', image.digest);
    expect(await headTag(registry.url, 'acme/gone', 'v1')).toBeNull();
    const seen = await eventually(() => {
      const pushed = notified.some((event) => event.action === 'push' && event.target.digest === image.digest);
      return pushed && notified.some((event) => event.action === 'delete' && event.target.digest === image.digest);
    });
    expect(seen).toBe(true);
    expect(new Set(senders)).toEqual(new Set(['Bearer hook-token']));
  });

  it('keeps its storage over a kill; a collection takes what is deleted, and says so on the next push', async () => {
    const [kept, deleted] = [buildImage('kept'), buildImage('deleted')];
    await pushImage(registry.url, 'acme/swept', 'kept', kept);
    await pushImage(registry.url, 'acme/swept', 'deleted', deleted);
    await deleteManifest(registry.url, 'acme/swept', deleted.digest);
    await registry.kill();
    expect(await registry.garbageCollect(['--delete-untagged'])).toContain(deleted.digest);
    await registry.restart();
    expect((await headTag(registry.url, 'acme/swept', 'kept'))?.digest).toBe(kept.digest);
    await expect(putManifest(registry.url, 'acme/swept', 'deleted', deleted)).rejects.toThrow(/MANIFEST_BLOB_UNKNOWN/);
  });
});

it('a registry with a password takes only those who have it', async () => {
  const guarded = await startDistribution({ htpasswd: TEST_CREDENTIALS.htpasswd });
  try {
    const image = buildImage('guarded');
    await expect(pushImage(guarded.url, 'acme/app', 'v1', image)).rejects.toThrow(/401/);
    await pushImage(guarded.url, 'acme/app', 'v1', image, { auth: TEST_CREDENTIALS });
    expect((await headTag(guarded.url, 'acme/app', 'v1', { auth: TEST_CREDENTIALS }))?.digest).toBe(image.digest);
  } finally {
    await guarded.stop();
  }
});

async function eventually(condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 200 && !condition(); tries++) await sleep(25);
  return condition();
}
