import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { canListRepositories, canRestoreTags, type Manifest } from '#application';
import { parseDigest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { buildImage, type TestImage } from '#testing';
import type { RegistryClientOptions } from '../adapter.js';
import { collect, describeClientContract } from '../client-contract.js';
import { closedAfterEach } from '../closed-after-each.fixture.js';
import { acr } from './adapter.js';
import { FAKE_APP, FakeAcr, type FakeAcrOptions, FEDERATED_TOKEN } from './fake-acr.js';

const { clientSecret, ...app } = FAKE_APP;
describeClientContract(
  'acr',
  'acr',
  () => FakeAcr.start(),
  (options, settings) =>
    acr.createClient(
      { ...options, options: { ...app, loginUrl: options.url }, secretOptions: { clientSecret } },
      settings,
    ),
);

const [repository, v1] = [parseRepositoryName('team/app'), parseTagName('v1')];
const [image1, image2] = [buildImage('one'), buildImage('two')];
const manifestOf = (image: TestImage): Manifest => ({ ...image, digest: parseDigest(image.digest) });

describe('an ACR client', () => {
  const closeLater = closedAfterEach();

  async function start(
    fakeOptions: FakeAcrOptions = { closed: true },
    own: Pick<RegistryClientOptions, 'options' | 'secretOptions'> = { options: app, secretOptions: { clientSecret } },
  ) {
    const fake = await FakeAcr.start(fakeOptions);
    closeLater(() => fake.stop());
    const options = { loginUrl: fake.url, instanceMetadataUrl: fake.url, ...own.options };
    const about = { name: parseRegistryName('acr'), kind: 'acr', url: fake.url };
    const client = acr.createClient({ ...about, ...own, options }, { retry: { attempts: 1 } });
    closeLater(() => client.close());
    if (!canRestoreTags(client) || !canListRepositories(client)) throw new Error('It lacks a power.');
    return { fake, client };
  }

  it('exchanges a token of Entra ID for the registry’s own, once, and lists by the catalog', async () => {
    const { fake, client } = await start();
    await fake.registry.push(repository, v1, image1);
    await Promise.all([client.check(), client.findManifestHead(repository, v1)]);
    expect(await collect(client.listRepositories())).toEqual([repository]);
    expect(fake.exchanges).toBe(1);
  });

  it('exchanges another before the one it has expires', async () => {
    const { fake, client } = await start({ closed: true, refreshMs: 0 });
    await client.check();
    await client.check();
    expect(fake.exchanges).toBe(2);
  });

  it('takes a managed identity', async () => {
    const { fake, client } = await start({ closed: true }, { options: { credentialsFrom: 'managedIdentity' } });
    await client.check();
    expect(fake.exchanges).toBe(1);
  });

  it('takes a workload identity, with the token that is in the file now', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'acr-'));
    closeLater(() => rm(dir, { recursive: true }));
    const federatedTokenPath = join(dir, 'token');
    await writeFile(federatedTokenPath, `${FEDERATED_TOKEN}\n`);
    const { fake, client } = await start({ closed: true }, { options: { ...app, federatedTokenPath } });
    await client.check();
    expect(fake.exchanges).toBe(1);
  });

  it('is denied with another secret, and does not say it', async () => {
    const { client } = await start(
      { closed: true },
      { options: app, secretOptions: { clientSecret: 'another-secret-4711' } },
    );
    const error = await client.check().catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED', message: expect.stringContaining('AADSTS7000215') });
    expect(JSON.stringify([(error as Error).message, error])).not.toContain('another-secret-4711');
  });

  it.each<[string, Partial<RegistryClientOptions>]>([
    ['a secret without its application', { secretOptions: { clientSecret } }],
    ['credentials from nowhere', { options: { credentialsFrom: 'env' } }],
    [
      'a login over plain http',
      { options: { ...app, loginUrl: 'http://login.example' }, secretOptions: { clientSecret } },
    ],
  ])('refuses %s at the start', (_, own) => {
    const options = { name: parseRegistryName('acr'), kind: 'acr', url: 'https://reg.azurecr.io', ...own };
    expect(() => acr.createClient(options)).toThrow('Registry "acr"');
  });

  it('restores a soft-deleted digest where a push of it is refused, over the tag as it is now', async () => {
    const { fake, client } = await start();
    await fake.registry.push(repository, v1, image1);
    fake.softDelete(repository, image1);
    await fake.registry.push(repository, v1, image2);
    await client.putManifest(repository, v1, manifestOf(image1));
    expect(fake.registry.findTag(repository, v1)).toBe(image1.digest);
    const scopes = fake.registry.calls.filter(({ path }) => path.startsWith('/token')).map(({ path }) => path);
    expect(decodeURIComponent(scopes.at(-1) ?? '')).toContain('repository:team/app:deleted_read,deleted_restore');
  });

  it('says that there is nothing to restore, and what the registry said to the push', async () => {
    const { fake, client } = await start();
    await fake.registry.push(repository, v1, image2);
    expect(await client.restoreTag(repository, v1, parseDigest(image1.digest))).toBe(false);
    const put = client.putManifest(repository, v1, manifestOf(image1));
    await expect(put).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      errors: [{ code: 'MANIFEST_BLOB_UNKNOWN' }, {}],
    });
  });

  it('leaves a locked tag alone', async () => {
    const { fake, client } = await start();
    await fake.registry.push(repository, v1, image1);
    await fake.registry.push(repository, v1, image2);
    const message = 'The operation is disallowed on this registry, repository or image.';
    fake.registry.refuseOverwrites({ status: 405, code: 'REGISTRY_DISALLOWED_OPERATION', message });
    const put = client.putManifest(repository, v1, manifestOf(image1));
    await expect(put).rejects.toMatchObject({ code: 'REGISTRY_IMMUTABLE' });
    expect(fake.registry.calls.filter(({ path }) => path.startsWith('/acr/'))).toEqual([]);
  });
});
