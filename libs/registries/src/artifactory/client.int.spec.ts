import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parseDigest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { buildImage } from '#testing';
import type { RegistryClientOptions } from '../adapter.js';
import { collect, describeClientContract } from '../client-contract.js';
import { closedAfterEach } from '../closed-after-each.fixture.js';
import { artifactory } from './adapter.js';
import { FakeArtifactory } from './fake-artifactory.js';

describeClientContract(
  'fake Artifactory',
  'artifactory',
  () => FakeArtifactory.start(),
  (options, settings) => artifactory.createClient({ ...options, options: { repositories: 'cat' } }, settings),
);

const [tag, image, other] = [parseTagName('v1'), buildImage('one'), buildImage('two')];
const manifest = { ...image, digest: parseDigest(image.digest) };

describe('the client of Artifactory', () => {
  const closeLater = closedAfterEach();

  async function setUp(
    repositories: string | null,
    credentials: Partial<RegistryClientOptions> = { token: 'jf-4711' },
  ) {
    const fake = await FakeArtifactory.start(['Bearer jf-4711', `Basic ${btoa('ci:geheim-4711')}`]);
    const options: Record<string, string> = repositories === null ? {} : { repositories };
    const name = parseRegistryName('local');
    const client = artifactory.createClient({ name, kind: 'artifactory', url: fake.url, options, ...credentials });
    closeLater(
      () => client.close(),
      () => fake.stop(),
    );
    for (const image of ['docker-local/team/a', 'docker-local/b', 'docker-prod/c']) {
      const put = client.putManifest(parseRepositoryName(image), tag, manifest);
      await put.catch(() => null);
    }
    const listing = 'listRepositories' in client ? (client.listRepositories as () => AsyncIterable<string>) : null;
    return { fake, client, list: () => collect(listing?.call(client) ?? (async function* () {})()) };
  }

  it.each([
    ['docker-local', ['docker-local/b', 'docker-local/team/a']],
    ['docker-local=docker, docker-prod=', ['docker/b', 'docker/team/a', 'c']],
  ])('lists the images as they are reached, with repositories %p', async (repositories, expected) => {
    expect(await (await setUp(repositories)).list()).toEqual(expected);
  });

  it('takes a username and password, and apiToken before them', async () => {
    const account = { username: 'ci', password: 'geheim-4711' };
    const wrong = { username: 'ci', password: 'falsch-0815' };
    expect(await (await setUp('docker-prod', account)).list()).toHaveLength(1);
    expect(
      await (await setUp('docker-prod', { ...wrong, secretOptions: { apiToken: 'jf-4711' } })).list(),
    ).toHaveLength(1);
    const error = await (await setUp('docker-prod', wrong)).list().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED' });
    expect(inspect(error, { depth: 9 })).not.toMatch(/0815|4711/);
  });

  it('says what to configure where it has no way to list', async () => {
    const { list } = await setUp(null);
    await expect(list()).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('repositories beside'),
    });
  });

  it('brings a tag back whose manifest is gone at once after an overwrite', async () => {
    const { fake, client } = await setUp(null);
    const repository = parseRepositoryName('docker-local/team/app');
    await fake.registry.push(repository, tag, image);
    await fake.registry.push(repository, tag, other);
    expect(await client.findManifest(repository, manifest.digest)).toBeNull();
    await client.putManifest(repository, tag, manifest);
    expect(fake.registry.findTag(repository, tag)).toBe(image.digest);
  });
});
