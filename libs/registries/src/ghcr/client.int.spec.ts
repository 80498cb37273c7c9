import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parseDigest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { buildImage } from '#testing';
import type { RegistryClientOptions } from '../adapter.js';
import { collect, describeClientContract } from '../client-contract.js';
import { closedAfterEach } from '../closed-after-each.fixture.js';
import { ghcr } from './adapter.js';
import { GhcrClient } from './client.js';
import { FakeGhcr } from './fake-ghcr.js';

describeClientContract('fake GitHub', 'ghcr', FakeGhcr.start, (options, settings) =>
  ghcr.createClient({ ...options, options: { apiUrl: options.url, owners: 'cat' } }, settings),
);

const [repository, tag, image] = [parseRepositoryName('team/app'), parseTagName('v1'), buildImage('one')];
const digest = parseDigest(image.digest);
const token = 'ghp_4711geheim';

describe('GhcrClient', () => {
  const closeLater = closedAfterEach();

  async function setUp(options: Partial<RegistryClientOptions> = {}) {
    const fake = await FakeGhcr.start({ token });
    const own = { apiUrl: fake.url, owners: 'acme, team someone' };
    const reached = { name: parseRegistryName('local'), kind: 'ghcr', url: fake.url, token, options: own, ...options };
    const client = new GhcrClient(reached, { retry: { attempts: 1 } });
    closeLater(
      () => client.close(),
      () => fake.stop(),
    );
    return { fake, client };
  }

  it('lists the packages of organisations and of people, in lower case', async () => {
    const { client } = await setUp();
    for (const name of ['team/a', 'team/b', 'team/c', 'someone/own', 'other/not']) {
      const repository = parseRepositoryName(name);
      await client.putManifest(repository, tag, { ...image, digest }).catch(() => null);
    }
    expect(await collect(client.listRepositories())).toEqual(['team/a', 'team/b', 'team/c', 'someone/own']);
  });

  it('says what to configure where nobody is named', async () => {
    const { client } = await setUp({ options: {} });
    const listing = collect(client.listRepositories());
    await expect(listing).rejects.toMatchObject({ status: 404, message: expect.stringContaining('in owners') });
  });

  it('asks the API with apiToken where there is one, and repeats no token', async () => {
    const { client } = await setUp({ token: 'ghp_of_the_registry', secretOptions: { apiToken: token } });
    expect(await collect(client.listRepositories())).toEqual([]);
    const { client: stranger } = await setUp({ secretOptions: { apiToken: 'ghp_of_nobody' } });
    const error = await collect(stranger.listRepositories()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED', status: 401 });
    expect(inspect([error, client, stranger], { depth: 9 })).not.toMatch(/ghp_/);
  });

  it('has a deleted version back, and puts the tag on it', async () => {
    const { fake, client } = await setUp();
    fake.deleteVersion(digest, () => fake.registry.push(repository, digest, image));
    const put = client.putManifest(repository, tag, { ...image, digest });
    await expect(put).rejects.toMatchObject({ code: 'REGISTRY_REFUSED' });
    expect(await client.restoreTag(repository, tag, digest)).toBe(true);
    expect(fake.registry.findTag(repository, tag)).toBe(digest);
  });

  it('has a deleted package back', async () => {
    const { fake, client } = await setUp();
    fake.deletePackage('app', () => fake.registry.push(repository, digest, image));
    expect(await client.restoreTag(repository, tag, digest)).toBe(true);
    expect(fake.registry.findTag(repository, tag)).toBe(digest);
  });

  it('says that it has no such version', async () => {
    const { fake, client } = await setUp();
    fake.deleteVersion(`sha256:${'0'.repeat(64)}`, async () => null);
    expect(await client.restoreTag(repository, tag, digest)).toBe(false);
    expect(fake.registry.findTag(repository, tag)).toBeNull();
  });
});
