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
import {
  buildImage,
  buildIndex,
  FakeRegistry,
  type FakeRegistryOptions,
  type TestImage,
  type TestIndex,
} from '#testing';
import { describeManifest } from '../keep-vault/describe-manifest.js';
import type { SealedTree } from './put-back.js';
import { type RestoreOptions, restoreTag } from './restore-tag.js';

const ref = {
  registry: parseRegistryName('local'),
  repository: parseRepositoryName('team/app'),
  tag: parseTagName('v1'),
};
const LONG_AGO = addMs(instantOf(Date.now()), -3_600_000);

let registry: FakeRegistry;
let client: OciRegistryClient;

async function open(options: FakeRegistryOptions = {}): Promise<void> {
  registry = await FakeRegistry.start(options);
  client = new OciRegistryClient(
    { name: ref.registry, kind: 'distribution', url: registry.url },
    { retry: { attempts: 2, totalMs: 500, firstWaitMs: 5, maxWaitMs: 10 } },
  );
}

beforeEach(() => open());
afterEach(async () => {
  await client.close();
  await registry.stop();
});

const kept = (content: TestImage | TestIndex) => describeManifest({ ...content, digest: content.digest as Digest })!;
const treeOf = (content: TestImage | TestIndex): SealedTree => {
  const root = kept(content);
  return { root, manifests: 'images' in content ? [...content.images.map(kept), root] : [root] };
};

const sealOn = (content: TestImage | TestIndex, sealedAt = LONG_AGO) => ({ digest: content.digest, sealedAt }) as Seal;

function restore(content: TestImage | TestIndex, options: Partial<RestoreOptions> = {}, seal = sealOn(content)) {
  return restoreTag(client, ref, seal, treeOf(content), {
    readFirst: false,
    readBackDelaysMs: [5, 30, 60],
    settleMs: 60_000,
    mayWrite: async () => true,
    sleep: (ms) => sleep(ms),
    now: Date.now,
    ...options,
  });
}

const writes = () =>
  registry.calls.filter(({ method, path }) => method === 'PUT' && path.includes('/manifests/')).length;
const found = () => registry.findTag('team/app', 'v1');

describe('Putting a sealed digest back', () => {
  const original = buildImage('original');
  const other = buildImage('other');

  test('after an overwrite: written before it is read', async () => {
    await registry.push('team/app', 'v1', original);
    await registry.push('team/app', 'v1', other);
    registry.calls.length = 0;
    const result = await restore(original);
    expect(result).toMatchObject({ type: 'right', report: { outcome: 'restored', reason: null } });
    expect(found()).toBe(original.digest);
    expect(registry.calls.find(({ path }) => path.endsWith('/manifests/v1'))?.method).toBe('PUT');
  });

  test('after a deletion by digest, also from a registry that forgets at once', async () => {
    await client.close();
    await registry.stop();
    await open({ forgetOverwritten: true });
    await registry.push('team/app', 'v1', original);
    registry.deleteReference('team/app', original.digest);
    expect(await restore(original)).toMatchObject({ type: 'right' });
    expect(found()).toBe(original.digest);
  });

  test('what is right already is not written when it is read first', async () => {
    await registry.push('team/app', 'v1', original);
    registry.calls.length = 0;
    expect(await restore(original, { readFirst: true })).toMatchObject({
      type: 'right',
      report: { outcome: 'alreadyRight' },
    });
    expect(writes()).toBe(0);
  });

  test('a tag that its overwriter wrote late is seen on reading back, and written again', async () => {
    await registry.push('team/app', 'v1', original);
    let reads = 0;
    const result = await restore(original, {
      sleep: async (ms) => {
        reads += 1;
        if (reads === 2) await registry.push('team/app', 'v1', other);
        await sleep(ms);
      },
    });
    expect(result).toMatchObject({ type: 'right', report: { outcome: 'restored' } });
    expect(found()).toBe(original.digest);
  });

  test('another writer that never stops is left to the breaker', async () => {
    await registry.push('team/app', 'v1', original);
    const result = await restore(original, { sleep: () => registry.push('team/app', 'v1', other) });
    expect(result).toMatchObject({ type: 'failed', retriable: true });
    expect(writes()).toBeLessThan(20);
  });

  test('an index comes back with its children', async () => {
    const index = buildIndex('index');
    await registry.push('team/app', 'v1', index);
    for (const child of index.images) registry.deleteReference('team/app', child.digest);
    registry.deleteReference('team/app', index.digest);
    expect(await restore(index)).toMatchObject({ type: 'right', report: { outcome: 'restored' } });
    for (const child of index.images) {
      expect(await client.findManifestHead(ref.repository, child.digest as Digest)).toMatchObject({
        digest: child.digest,
      });
    }
  });

  test('a lost child is put back though the tag stands', async () => {
    const index = buildIndex('index');
    await registry.push('team/app', 'v1', index);
    registry.deleteReference('team/app', index.images[0]!.digest);
    expect(await restore(index, { readFirst: true })).toMatchObject({ type: 'right', report: { outcome: 'restored' } });
    expect(await client.findManifestHead(ref.repository, index.images[0]!.digest as Digest)).not.toBeNull();
  });

  test('an index that lists the seal, within the settle window, is left alone', async () => {
    const index = buildIndex('index');
    await registry.push('team/app', 'v1', index);
    const child = index.images[0]!;
    const result = await restore(child, { readFirst: true }, sealOn(child, instantOf(Date.now())));
    expect(result).toMatchObject({ type: 'settling', index: { digest: index.digest } });
    expect(found()).toBe(index.digest);
  });

  test('what cannot be restored says which blobs are missing, in the registry’s words', async () => {
    await registry.push('team/app', 'v1', original);
    registry.deleteReference('team/app', original.digest);
    const blobs = kept(original).blobs;
    for (const blob of blobs) registry.collectGarbage('team/app', blob);
    const result = await restore(original);
    expect(result).toMatchObject({ type: 'failed', retriable: false, report: { outcome: 'failed', restoredAt: null } });
    if (result.type !== 'failed') throw new Error('unreachable');
    expect(new Set(result.report.missingBlobs)).toEqual(new Set(blobs));
    expect(result.report.reason).toContain('MANIFEST_BLOB_UNKNOWN');
  });

  describe.each([
    ['a conflict', { status: 409, code: 'TAG_IMMUTABLE', message: 'tag v1 is protected' }],
    ['a failed precondition', { status: 412, code: 'PRECONDITION', message: 'v1 is configured as immutable' }],
    ['a denial', { status: 403, code: 'DENIED', message: 'the tag v1 is immutable' }],
    ['a method that is not allowed', { status: 405, code: 'REGISTRY_DISALLOWED_OPERATION', message: 'locked' }],
    ['a bad request', { status: 400, code: 'TAG_INVALID', message: 'v1 exists and cannot be overwritten' }],
  ])('a registry that holds the tag immutable itself, and says so by %s', (_, refusal) => {
    test('fails for good, and says what to do', async () => {
      await registry.push('team/app', 'v1', original);
      await registry.push('team/app', 'v1', other);
      registry.refuseOverwrites(refusal);
      const result = await restore(original);
      expect(result).toMatchObject({ type: 'failed', retriable: false });
      if (result.type !== 'failed') throw new Error('unreachable');
      expect(result.report.reason).toMatch(/holds the tag immutable.*unlock it there, then restore by hand/);
      expect(result.report.reason).toContain(refusal.code);
      expect(found()).toBe(other.digest);
    });

    test('does no harm where the tag points at the sealed digest already', async () => {
      await registry.push('team/app', 'v1', original);
      registry.refuseOverwrites(refusal);
      const result = await restore(original);
      expect(result).toMatchObject({ type: 'right', report: { outcome: 'alreadyRight', restoredAt: null } });
    });
  });

  test('nothing is written where nothing may be', async () => {
    await registry.push('team/app', 'v1', original);
    await registry.push('team/app', 'v1', other);
    registry.calls.length = 0;
    expect(await restore(original, { mayWrite: async () => false })).toEqual({ type: 'overtaken' });
    expect(writes()).toBe(0);
  });

  test.each([
    [false, 1],
    [true, 0],
  ])(
    'what need not be waited for is let in once, and not before a first write: read first %s',
    async (readFirst, first) => {
      await registry.push('team/app', 'v1', original);
      await registry.push('team/app', 'v1', other);
      registry.calls.length = 0;
      const written: number[] = [];
      await restore(original, { readFirst, onWaiting: () => written.push(writes()) });
      expect(written).toEqual([first]);
      expect(found()).toBe(original.digest);
    },
  );

  test.each(['v1', 'child'])('it is asked before each write, also in the middle of an attempt: %s', async (what) => {
    const index = buildIndex('index');
    await registry.push('team/app', 'v1', index);
    const asked: unknown[] = [];
    const result = await restore(index, {
      mayWrite: async (digest) => asked.push(digest) === 1,
      sleep: async () => {
        if (what === 'v1') await registry.push('team/app', 'v1', other);
        else registry.deleteReference('team/app', index.images[0]!.digest);
      },
    });
    expect(result).toEqual({ type: 'overtaken' });
    expect(asked).toEqual([undefined, what === 'v1' ? other.digest : index.digest]);
    expect(found()).toBe(what === 'v1' ? other.digest : index.digest);
  });

  test('a registry that is down fails for now', async () => {
    registry.down();
    expect(await restore(original)).toMatchObject({ type: 'failed', retriable: true, report: { outcome: 'failed' } });
  });
});
