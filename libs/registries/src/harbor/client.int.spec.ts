import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parseDigest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { buildImage } from '#testing';
import type { RegistryClientOptions } from '../adapter.js';
import { collect, describeClientContract } from '../client-contract.js';
import { closedAfterEach } from '../closed-after-each.fixture.js';
import { harbor } from './adapter.js';
import { HarborClient } from './client.js';
import { FakeHarbor, type FakeHarborOptions } from './fake-harbor.js';

describeClientContract('fake harbor', 'harbor', () => FakeHarbor.start(), harbor.createClient);

const robot = { username: 'robot$tagwarden', password: 'geheim-4711' };
const repository = parseRepositoryName('team/app/web');
const tag = parseTagName('v1');
const [one, two] = [buildImage('one'), buildImage('two')];

describe('HarborClient', () => {
  const closeLater = closedAfterEach();

  async function setUp(fake: FakeHarborOptions = {}, options: Partial<RegistryClientOptions> = {}) {
    const server = await FakeHarbor.start(fake);
    const client = new HarborClient(
      { name: parseRegistryName('local'), kind: 'harbor', url: server.url, timeoutMs: 2000, ...options },
      { retry: { attempts: 1 } },
    );
    closeLater(
      () => client.close(),
      () => server.stop(),
    );
    return { server, client, registry: server.registry };
  }

  it('lists the repositories of all projects as a robot account, without the catalog', async () => {
    const { client, registry } = await setUp({ account: robot }, robot);
    const names = Array.from({ length: 120 }, (_, n) => `team/app-${n}`);
    for (const name of [...names, 'other/app']) await registry.push(name, 'v1', one);
    expect((await collect(client.listRepositories())).sort()).toEqual([...names, 'other/app'].sort());
    expect(registry.calls.filter(({ path }) => path.includes('_catalog'))).toEqual([]);
  });

  it('names the rights that are missing where the API refuses it, and no secret', async () => {
    const { client } = await setUp({ account: robot }, { ...robot, password: 'falsch-0815' });
    const error = await collect(client.listRepositories()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED', status: 401 });
    expect(inspect(error, { depth: 9 })).not.toMatch(/falsch-0815|ZmFsc2No/);
  });

  describe('restoring by its own API', () => {
    it('makes a deleted tag anew', async () => {
      const { client, registry } = await setUp({ account: robot }, robot);
      await registry.push(repository, tag, one);
      registry.deleteReference(repository, tag);
      expect(await client.restoreTag(repository, tag, parseDigest(one.digest))).toBe(true);
      expect(registry.findTag(repository, tag)).toBe(one.digest);
    });

    it('puts an overwritten tag back', async () => {
      const { client, registry } = await setUp({ account: robot }, robot);
      for (const image of [one, two]) await registry.push(repository, tag, image);
      expect(await client.restoreTag(repository, tag, parseDigest(one.digest))).toBe(true);
      expect(registry.findTag(repository, tag)).toBe(one.digest);
    });

    it('leaves a tag that is right', async () => {
      const { client, registry } = await setUp();
      await registry.push(repository, tag, one);
      expect(await client.restoreTag(repository, tag, parseDigest(one.digest))).toBe(true);
      expect(registry.calls.some(({ method }) => method === 'DELETE')).toBe(false);
    });

    it('says so where the artifact is gone, and leaves the tag that is there', async () => {
      const { client, registry } = await setUp();
      await registry.push(repository, tag, two);
      expect(await client.restoreTag(repository, tag, parseDigest(one.digest))).toBe(false);
      expect(registry.findTag(repository, tag)).toBe(two.digest);
    });

    it('says that Harbor itself holds the tag, for both ways', async () => {
      const { client, registry } = await setUp({ immutable: [tag] });
      for (const image of [one, two]) await registry.push(repository, tag, image);
      const manifest = { ...one, digest: parseDigest(one.digest) };
      const held = { code: 'REGISTRY_IMMUTABLE', status: 412, retriable: false };
      await expect(client.putManifest(repository, tag, manifest)).rejects.toMatchObject(held);
      await expect(client.restoreTag(repository, tag, manifest.digest)).rejects.toMatchObject(held);
      expect(registry.findTag(repository, tag)).toBe(two.digest);
    });
  });
});
