import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseDigest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { buildImage, type Distribution, pushImage, startDistribution, TEST_CREDENTIALS } from '#testing';
import { describeClientContract } from '../client-contract.js';
import { distribution } from './adapter.js';

describeClientContract('distribution', 'distribution', () => startDistribution(), distribution.createClient);

describe('a real registry with htpasswd', () => {
  const { username, password, htpasswd } = TEST_CREDENTIALS;
  const [repository, tag, image] = [parseRepositoryName('team/app'), parseTagName('v1'), buildImage('one')];
  let registry: Distribution;

  beforeAll(async () => {
    registry = await startDistribution({ htpasswd });
    await pushImage(registry.url, repository, 'v0', image, { auth: { username, password } });
  }, 30_000);
  afterAll(() => registry?.stop());

  function connect(secret: string) {
    const name = parseRegistryName('local');
    return distribution.createClient({ name, kind: 'distribution', url: registry.url, username, password: secret });
  }

  it('lets in the account', async () => {
    const client = connect(password);
    await client.check();
    await client.putManifest(repository, tag, { ...image, digest: parseDigest(image.digest) });
    expect((await client.findManifestHead(repository, tag))?.digest).toBe(image.digest);
    await client.close();
  });

  it('refuses another password', async () => {
    const client = connect('another');
    await expect(client.check()).rejects.toMatchObject({ code: 'REGISTRY_DENIED' });
    await client.close();
  });
});
