import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  buildImage,
  buildIndex,
  deleteManifest,
  getTag,
  headTag,
  pushImage,
  pushIndex,
  skopeo,
  type TestImage,
  type TestIndex,
} from '#testing';
import { World } from './world.js';

/** Covers the guard repository too, by its patterns. */
const GUARDED = { name: 'guarded', repositories: { excluding: ['plain/**'] }, tags: { all: true }, guard: true };
const PLAIN = { name: 'plain', repositories: { matching: ['plain/**'] }, tags: { all: true } };

type Restorable = { state: string; provenAt: string | null; reason: string | null };
type Violation = { state: string; restorations: { outcome: string; reason: string | null; missingBlobs: string[] }[] };

const imagesOf = (content: TestImage | TestIndex) => ('images' in content ? content.images : [content]);

/** The registry's own collector runs while tags that were deleted by digest wait to be put back. */
describe('A garbage collection that takes untagged manifests', () => {
  let world: World;
  let folder: string;
  const image = buildImage('released');
  const index = buildIndex('multi');
  const linkless = buildImage('linkless');
  const plain = buildImage('plain');
  const sealed = [
    ['guarded/app', 'v1', image],
    ['guarded/app', 'v2', index],
    ['guarded/linkless', 'v1', linkless],
    ['plain/app', 'v1', plain],
  ] as const;

  const restorable = async (repository: string, tag: string) => {
    const { seal } = await world.tag(repository, tag);
    return (seal as unknown as { restorable: Restorable }).restorable;
  };
  const violation = async (repository: string) =>
    ((await world.violations(repository)) as unknown as Violation[])[0] as Violation;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagwarden-pulled-'));
    world = await World.start();
    await world.endService('SIGTERM');
    await world.configure([GUARDED, PLAIN]);
    await world.startService();
    for (const [repository, tag, content] of sealed) {
      const { url } = world.registry;
      await ('images' in content ? pushIndex(url, repository, tag, content) : pushImage(url, repository, tag, content));
      await world.sealed(repository, tag, content.digest);
    }
  }, 120_000);
  afterAll(async () => {
    await world?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  test('is prepared for by a guard, whose proof is shown', async () => {
    for (const [repository, tag] of sealed.slice(0, 3)) {
      await world.eventually(`${repository}:${tag} is guarded`, async () => {
        const { state, provenAt } = await restorable(repository, tag);
        return state === 'guarded' && provenAt !== null;
      });
    }
    expect(await restorable('plain/app', 'v1')).toEqual({ state: 'manifest', provenAt: null, reason: null });
  }, 60_000);

  test('seals nothing in the guard repository, which the rule would cover', async () => {
    const list = () =>
      world.items<{ tag: string; seal: unknown; state: string }>('tags?registry=local&repository=tagwarden%2Fguard');
    await world.eventually('all five manifests are recorded there', async () => (await list()).length === 5);
    const kept = await list();
    for (const { tag, seal, state } of kept) expect({ tag, seal, state }).toEqual({ tag, seal: null, state: 'open' });
    const explained = await world.get('explain?registry=local&repository=tagwarden%2Fguard&tag=v1');
    expect(explained).toMatchObject({ immutable: false });
  });

  test('takes what was deleted, and leaves what is guarded', async () => {
    await world.endService('SIGTERM');
    const { registry } = world;
    for (const [repository, , { digest }] of sealed) await deleteManifest(registry.url, repository, digest);
    for (const { digest } of index.images) await deleteManifest(registry.url, 'guarded/app', digest);
    await registry.kill();
    const said = await registry.garbageCollect(['--delete-untagged']);
    expect(said).toContain(plain.blobs[1]?.digest);
    const links = 'docker/registry/v2/repositories/guarded/linkless/_layers';
    await rm(join(registry.storageDir, links), { recursive: true });
    await registry.restart();
    for (const [repository, tag] of sealed) expect(await headTag(registry.url, repository, tag)).toBeNull();
  }, 60_000);

  test('loses no guarded tag: each comes back byte for byte, with every blob', async () => {
    await world.startService();
    expect((await world.post('registries/local/sweep')).status).toBe(202);
    for (const [repository, tag, content] of sealed.slice(0, 3)) {
      const { url, host } = world.registry;
      await world.eventually(`${repository}:${tag} is back`, async () => {
        return (await headTag(url, repository, tag))?.digest === content.digest;
      });
      const found = await getTag(url, repository, tag);
      expect(found?.bytes.equals(content.bytes)).toBe(true);
      expect(found?.mediaType).toBe(content.mediaType);
      for (const blob of imagesOf(content).flatMap(({ blobs }) => blobs)) {
        const answer = await fetch(`${url}/v2/${repository}/blobs/${blob.digest}`);
        const bytes = Buffer.from(await answer.arrayBuffer());
        expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(blob.digest);
      }
      const name = `${repository}-${tag}`.replace('/', '-');
      await skopeo(['copy', '--all', `docker://${host}/${repository}:${tag}`, `dir:${join(folder, name)}`]);
    }
    await world.eventually('all are told to be restored', async () =>
      (await Promise.all(['guarded/app', 'guarded/linkless'].map((name) => world.violations(name))))
        .flat()
        .every(({ state }) => state === 'restored'),
    );
    const { restorations } = await violation('guarded/linkless');
    expect(restorations.at(-1)?.reason).toBe(
      '2 blob(s) were gone from guarded/linkless and were brought back from the guard repository tagwarden/guard.',
    );
  }, 120_000);

  test('loses what was not guarded, and the missing blobs are named', async () => {
    await world.eventually('it has failed', async () => (await violation('plain/app')).state === 'failed');
    const { restorations } = await violation('plain/app');
    expect(new Set(restorations.at(-1)?.missingBlobs)).toEqual(new Set(plain.blobs.map(({ digest }) => digest)));
    expect(restorations.at(-1)?.reason).toContain('MANIFEST_BLOB_UNKNOWN');
    expect(await headTag(world.registry.url, 'plain/app', 'v1')).toBeNull();
  }, 60_000);
});
