import { describe, expect, it } from '@jest/globals';
import { parseDigest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { buildImage } from '#testing';
import { collect, describeClientContract } from '../client-contract.js';
import { closedAfterEach } from '../closed-after-each.fixture.js';
import { nexus } from './adapter.js';
import { NexusClient } from './client.js';
import { type FakeNexusOptions, startFakeNexus } from './fake-nexus.js';

describeClientContract('fake Nexus', 'nexus', () => startFakeNexus(), nexus.createClient);

const [repository, tag] = [parseRepositoryName('team/app'), parseTagName('v1')];
const manifestOf = (seed: string) => {
  const image = buildImage(seed);
  return { ...image, digest: parseDigest(image.digest) };
};
const [one, two] = [manifestOf('one'), manifestOf('two')];

describe('NexusClient', () => {
  const closeLater = closedAfterEach();

  async function setUp(fake: FakeNexusOptions, repositories = 'docker-hosted=') {
    const registry = await startFakeNexus(fake);
    const name = parseRegistryName('local');
    const client = new NexusClient({ name, kind: 'nexus', url: registry.url, options: { repositories } });
    closeLater(
      () => client.close(),
      () => registry.stop(),
    );
    for (const image of [one, two]) await registry.push(repository, image.digest, image);
    return { registry, client };
  }

  it.each([400, 409] as const)('says what to do where redeploy is disabled (%i)', async (redeploy) => {
    const { registry, client } = await setUp({ redeploy });
    await client.putManifest(repository, tag, one);
    await expect(client.putManifest(repository, tag, two)).rejects.toMatchObject({
      code: 'REGISTRY_IMMUTABLE',
      status: redeploy,
      retriable: false,
      message: expect.stringContaining('allow redeploy there'),
    });
    expect(registry.findTag(repository, tag)).toBe(one.digest);
  });

  it('lists the catalog of a port, and says that there is none below a path', async () => {
    const { client } = await setUp({});
    expect(await collect(client.listRepositories())).toEqual(['team/app']);
    const { client: below } = await setUp({}, 'docker-hosted');
    await expect(collect(below.listRepositories())).rejects.toMatchObject({ code: 'REGISTRY_REFUSED', status: 404 });
  });
});
