import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parseDigest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { buildImage } from '#testing';
import type { RegistryClientOptions } from '../adapter.js';
import { collect, describeClientContract } from '../client-contract.js';
import { closedAfterEach } from '../closed-after-each.fixture.js';
import { gitlab } from './adapter.js';
import { GitlabClient } from './client.js';
import { startFakeGitlab } from './fake-gitlab.js';

const GROUP = ['team/products/a', 'team/products/b', 'team/products/c/cache'];
const account = { username: 'ci', password: 'glpat-4711-geheim' };
const [repository, tag] = [parseRepositoryName('team/products/a'), parseTagName('v1')];
const image = buildImage('one');

describe('GitlabClient', () => {
  const closeLater = closedAfterEach();

  async function setUp(options: Partial<RegistryClientOptions> = {}) {
    const registry = await startFakeGitlab({ account, repositories: GROUP, group: 'team/products' });
    const own = { apiUrl: registry.url, groups: 'team/products' };
    const name = parseRegistryName('local');
    const client = new GitlabClient(
      { name, kind: 'gitlab', url: registry.url, options: own, ...options },
      { retry: { attempts: 1 } },
    );
    closeLater(
      () => client.close(),
      () => registry.stop(),
    );
    return { registry, client };
  }

  it.each([
    ['a username and password', account],
    ['a token alone', { token: account.password }],
  ])('reads, writes and lists with %s', async (_, credentials) => {
    const { registry, client } = await setUp({ username: account.username, ...credentials });
    await registry.push(repository, 'v0', image);
    await client.putManifest(repository, tag, { ...image, digest: parseDigest(image.digest) });
    expect(registry.findTag(repository, 'v1')).toBe(image.digest);
    expect(await collect(client.listRepositories())).toEqual(GROUP);
  });

  it('is denied a list with a wrong token, and repeats it nowhere', async () => {
    const { client } = await setUp({ ...account, password: 'glpat-0815-falsch' });
    const error = await collect(client.listRepositories()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED', status: 401 });
    expect(inspect([error, client], { depth: 9 })).not.toContain('glpat-0815');
  });

  it.each<Partial<RegistryClientOptions>>([{ options: {} }, { options: { apiUrl: 'http://127.0.0.1:1' } }])(
    'says what to configure where it has no way to list: %p',
    async (without) => {
      const { client } = await setUp(without);
      await expect(collect(client.listRepositories())).rejects.toMatchObject({
        code: 'REGISTRY_REFUSED',
        status: 404,
        message: expect.stringContaining('apiUrl and groups'),
      });
    },
  );
});

describeClientContract(
  'fake GitLab',
  'gitlab',
  () => startFakeGitlab(),
  (options, settings) => gitlab.createClient({ ...options, options: { apiUrl: options.url, groups: 'cat' } }, settings),
);
