import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parseDigest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { buildImage, buildIndex } from '#testing';
import type { RegistryClientOptions } from '../adapter.js';
import { collect, describeClientContract } from '../client-contract.js';
import { closedAfterEach } from '../closed-after-each.fixture.js';
import { dockerhub } from './adapter.js';
import { DockerHubClient, registryUrlOf } from './client.js';
import { FakeDockerHub, type FakeDockerHubOptions } from './fake-dockerhub.js';

describeClientContract(
  'fake docker hub',
  'dockerhub',
  () => FakeDockerHub.start(),
  (options, settings) =>
    dockerhub.createClient({ ...options, options: { apiUrl: options.url, namespaces: 'cat' } }, settings),
);

const account = { username: 'team', password: 'dckr_pat_4711' };
const repository = parseRepositoryName('team/app');
const tag = parseTagName('v1');
const [one, two] = [buildImage('one'), buildImage('two')];

describe('DockerHubClient', () => {
  const closeLater = closedAfterEach();

  async function setUp(
    fake: FakeDockerHubOptions = {},
    options: Partial<RegistryClientOptions> = {},
    namespaces?: string,
  ) {
    const hub = await FakeDockerHub.start(fake);
    const name = parseRegistryName('hub');
    const own = { apiUrl: hub.url, ...(namespaces === undefined ? {} : { namespaces }) };
    const client = new DockerHubClient(
      { name, kind: 'dockerhub', url: hub.url, timeoutMs: 2000, options: own, ...options },
      { retry: { attempts: 1 } },
    );
    closeLater(
      () => client.close(),
      () => hub.stop(),
    );
    return { hub, client, registry: hub.registry };
  }

  it('looks tags up without a read that the Hub counts: image, index, absent tag, absent repository', async () => {
    const { hub, client, registry } = await setUp({ account }, account);
    const index = buildIndex('multi');
    await registry.push(repository, 'v1', one);
    await registry.push(repository, 'multi', index);
    expect((await client.findManifestHead(repository, tag))?.digest).toBe(one.digest);
    expect((await client.findManifestHead(repository, parseTagName('multi')))?.digest).toBe(index.digest);
    expect(await client.findManifestHead(repository, parseTagName('absent'))).toBeNull();
    expect(await client.findManifestHead(parseRepositoryName('team/nowhere'), tag)).toBeNull();
    expect(hub.counted).toBe(0);
  });

  it('does not turn to a counted read when it is told to slow down', async () => {
    const { hub, client, registry } = await setUp();
    await registry.push(repository, tag, one);
    registry.failNext(429, 1, { 'retry-after': '60' });
    await expect(client.findManifestHead(repository, tag)).rejects.toMatchObject({
      code: 'REGISTRY_BUSY',
      retriable: true,
      retryAfterMs: 60_000,
    });
    expect(hub.counted).toBe(0);
  });

  it('puts an overwritten tag back with a token of the registry', async () => {
    const { client, registry } = await setUp({ account }, account);
    for (const image of [one, two]) await registry.push(repository, tag, image);
    await client.putManifest(repository, tag, { ...one, digest: parseDigest(one.digest) });
    expect(registry.findTag(repository, tag)).toBe(one.digest);
  });

  it('says that the repository itself holds the tag', async () => {
    const { client, registry } = await setUp({ immutable: [tag] });
    await registry.push(repository, tag, two);
    const put = client.putManifest(repository, tag, { ...one, digest: parseDigest(one.digest) });
    await expect(put).rejects.toMatchObject({ code: 'REGISTRY_IMMUTABLE', status: 403, retriable: false });
  });

  it('lists the repositories of its namespaces, all pages, with one login', async () => {
    const { hub, client, registry } = await setUp({ account }, account, 'team, other');
    for (const name of ['team/a', 'team/b', 'team/c', 'other/d', 'third/e']) await registry.push(name, 'v1', one);
    expect(await collect(client.listRepositories())).toEqual(['team/a', 'team/b', 'team/c', 'other/d']);
    expect(hub.logins).toBe(1);
  });

  it('takes an access token that is configured as one', async () => {
    const { client, registry } = await setUp({ account }, { username: account.username, token: account.password });
    await registry.push('team/a', 'v1', one);
    expect((await client.findManifestHead(parseRepositoryName('team/a'), tag))?.digest).toBe(one.digest);
    expect(await collect(client.listRepositories())).toEqual(['team/a']);
  });

  it('lists those of the account where no namespaces are configured', async () => {
    const { client, registry } = await setUp({ account }, account);
    await registry.push('team/a', 'v1', one);
    expect(await collect(client.listRepositories())).toEqual(['team/a']);
  });

  it('says what is missing where there is neither', async () => {
    const { client } = await setUp();
    await expect(collect(client.listRepositories())).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      status: 404,
      message: expect.stringContaining('Set namespaces'),
    });
  });

  it('says nothing of the password where the Hub refuses it', async () => {
    const { client } = await setUp({ account }, { ...account, password: 'dckr_pat_0815' });
    const error = await collect(client.listRepositories()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED', status: 401 });
    expect(inspect(error, { depth: 9 })).not.toContain('dckr_pat_0815');
  });
});

describe('the address of Docker Hub', () => {
  it.each([
    ['https://docker.io', 'https://registry-1.docker.io'],
    ['https://index.docker.io', 'https://registry-1.docker.io'],
    ['https://hub.docker.com', 'https://registry-1.docker.io'],
    ['https://registry-1.docker.io', 'https://registry-1.docker.io'],
    ['https://mirror.example.com', 'https://mirror.example.com'],
    ['nonsense', 'nonsense'],
  ])('%s is %s', (given, expected) => expect(registryUrlOf(given)).toBe(expected));
});
