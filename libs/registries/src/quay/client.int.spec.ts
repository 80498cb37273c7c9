import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { canListRepositories, canRestoreTags } from '#application';
import { parseDigest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { buildImage } from '#testing';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { collect, describeClientContract } from '../client-contract.js';
import { closedAfterEach } from '../closed-after-each.fixture.js';
import { quay } from './adapter.js';
import { FakeQuay, type FakeQuayOptions } from './fake-quay.js';

const apiToken = 'oauth-4711';
const withApi = (options: RegistryClientOptions, settings?: ClientSettings) =>
  quay.createClient({ ...options, secretOptions: { apiToken }, options: { namespaces: 'cat' } }, settings);

describeClientContract('fake quay', 'quay', () => FakeQuay.start(), quay.createClient);
describeClientContract('fake quay with its API', 'quay', () => FakeQuay.start({ apiToken }), withApi);

const robot = { username: 'team+tagwarden', password: 'robot-4711' };
const repository = parseRepositoryName('team/app');
const tag = parseTagName('v1');
const [one, two] = [buildImage('one'), buildImage('two')];
const digest = parseDigest(one.digest);

describe('QuayClient', () => {
  const closeLater = closedAfterEach();

  async function setUp(
    fake: FakeQuayOptions = {},
    options: Partial<RegistryClientOptions> = { secretOptions: { apiToken } },
  ) {
    const server = await FakeQuay.start({ apiToken, ...fake });
    const client = quay.createClient(
      { name: parseRegistryName('local'), kind: 'quay', url: server.url, timeoutMs: 2000, ...options },
      { retry: { attempts: 1 } },
    );
    closeLater(
      () => client.close(),
      () => server.stop(),
    );
    const restore = async () => {
      if (!canRestoreTags(client)) throw new Error('It restores by push alone.');
      return client.restoreTag(repository, tag, digest);
    };
    return { server, client, restore, registry: server.registry };
  }

  it('restores an overwritten tag to a manifest that /v2/ no longer shows', async () => {
    const { client, registry, restore } = await setUp({ account: robot }, { ...robot, secretOptions: { apiToken } });
    for (const image of [one, two]) await registry.push(repository, tag, image);
    expect(await client.findManifestHead(repository, digest)).toBeNull();
    expect(await restore()).toBe(true);
    expect((await client.findManifestHead(repository, tag))?.digest).toBe(digest);
  });

  it('restores a deleted tag', async () => {
    const { registry, restore } = await setUp();
    await registry.push(repository, tag, one);
    registry.deleteReference(repository, tag);
    expect(await restore()).toBe(true);
    expect(registry.findTag(repository, tag)).toBe(digest);
  });

  it('says so where the time machine has lost it, and leaves the tag', async () => {
    const { registry, restore } = await setUp();
    for (const image of [one, two]) await registry.push(repository, tag, image);
    registry.collectGarbage(repository, digest);
    expect(await restore()).toBe(false);
    expect(registry.findTag(repository, tag)).toBe(two.digest);
  });

  it('says that Quay itself holds the tag, for both ways', async () => {
    const { client, registry, restore } = await setUp({ immutable: [tag] });
    await registry.push(repository, digest, one);
    await registry.push(repository, tag, two);
    const held = { code: 'REGISTRY_IMMUTABLE', status: 409, retriable: false };
    await expect(client.putManifest(repository, tag, { ...one, digest })).rejects.toMatchObject(held);
    await expect(restore()).rejects.toMatchObject(held);
  });

  it('offers no restoring of its own without a token for the API', async () => {
    const { client } = await setUp({}, {});
    expect(canRestoreTags(client)).toBe(false);
  });

  it('says nothing of the token where Quay refuses it', async () => {
    const { restore } = await setUp({}, { secretOptions: { apiToken: 'oauth-0815' } });
    const error = await restore().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED', status: 401 });
    expect(inspect(error, { depth: 9 })).not.toContain('oauth-0815');
  });

  it('lists the repositories of its namespaces, all pages', async () => {
    const { client, registry } = await setUp(
      {},
      { secretOptions: { apiToken }, options: { namespaces: 'team, other' } },
    );
    const names = ['team/a', 'team/b', 'team/c', 'other/d'];
    for (const name of [...names, 'third/e']) await registry.push(name, 'v1', one);
    if (!canListRepositories(client)) throw new Error('It lists nothing.');
    expect(await collect(client.listRepositories())).toEqual(names);
  });

  it('logs in with one OAuth token at both ends', async () => {
    const account = { username: '$oauthtoken', password: apiToken };
    const { client, registry, restore } = await setUp({ account }, { token: apiToken });
    await registry.push(repository, tag, one);
    expect((await client.findManifestHead(repository, tag))?.digest).toBe(digest);
    expect(await restore()).toBe(true);
  });
});
