import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { canListRepositories, type Manifest } from '#application';
import { parseDigest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { buildImage, type TestImage } from '#testing';
import type { RegistryClientOptions } from '../adapter.js';
import { collect, describeClientContract } from '../client-contract.js';
import { closedAfterEach } from '../closed-after-each.fixture.js';
import { gar } from './adapter.js';
import { FakeGar, type FakeGarOptions } from './fake-gar.js';

describeClientContract('gar', 'gar', () => FakeGar.start(), gar.createClient);

const [repository, v1] = [parseRepositoryName('my-project/images/team/app'), parseTagName('v1')];
const [image1, image2] = [buildImage('one'), buildImage('two')];
const manifestOf = (image: TestImage): Manifest => ({ ...image, digest: parseDigest(image.digest) });

describe('a GAR client', () => {
  const closeLater = closedAfterEach();

  async function start(
    fakeOptions: FakeGarOptions = { closed: true },
    own: (fake: FakeGar) => Pick<RegistryClientOptions, 'options' | 'secretOptions'> = (fake) => ({
      secretOptions: { serviceAccountKey: fake.key() },
    }),
  ) {
    const fake = await FakeGar.start(fakeOptions);
    closeLater(() => fake.stop());
    const given = own(fake);
    const options = { apiUrl: fake.url, metadataUrl: fake.url, host: 'europe-docker.pkg.dev', ...given.options };
    const about = { name: parseRegistryName('gar'), kind: 'gar', url: fake.url };
    const client = gar.createClient(
      { ...about, ...given, options },
      { retry: { attempts: 1 }, repositoriesPerPage: 2 },
    );
    closeLater(() => client.close());
    if (!canListRepositories(client)) throw new Error('It cannot list.');
    return { fake, client };
  }

  it('logs in with an access token for a signed assertion, and asks for it once', async () => {
    const { fake, client } = await start();
    await fake.registry.push(repository, v1, image1);
    await Promise.all([client.check(), client.findManifestHead(repository, v1)]);
    await fake.registry.push(repository, v1, image2);
    await client.putManifest(repository, v1, manifestOf(image1));
    expect(fake.registry.findTag(repository, v1)).toBe(image1.digest);
    expect(fake.grants).toBe(1);
  });

  it('asks for another token before the one it has expires', async () => {
    const { fake, client } = await start({ closed: true, tokenSeconds: 0.001 });
    await client.check();
    await client.check();
    expect(fake.grants).toBe(2);
  });

  it('takes the account of the machine', async () => {
    const { fake, client } = await start({ closed: true }, () => ({ options: { credentialsFrom: 'metadata' } }));
    await client.check();
    expect(fake.grants).toBe(1);
  });

  it('is denied with another key, and says nothing of it', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const key = (fake: FakeGar) => ({ secretOptions: { serviceAccountKey: fake.key({ private_key: pem }) } });
    const { client } = await start({ closed: true }, key);
    const error = await client.check().catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED', message: expect.stringContaining('invalid_grant') });
    expect(JSON.stringify([(error as Error).message, error])).not.toMatch(/PRIVATE KEY|eyJ/);
  });

  it.each<[string, Partial<RegistryClientOptions>]>([
    ['a key that is not JSON', { secretOptions: { serviceAccountKey: 'secret-text-4711' } }],
    ['a key of another kind', { secretOptions: { serviceAccountKey: '{"type":"authorized_user"}' } }],
    [
      'a key with a token service over plain http',
      {
        secretOptions: {
          serviceAccountKey: JSON.stringify({
            type: 'service_account',
            client_email: 'e',
            private_key: 'secret-text-4711',
            token_uri: 'http://oauth2.example/token',
          }),
        },
      },
    ],
    ['credentials from nowhere', { options: { credentialsFrom: 'env' } }],
  ])('refuses %s at the start, without saying it', (_, own) => {
    const options = { name: parseRegistryName('gar'), kind: 'gar', url: 'https://europe-docker.pkg.dev', ...own };
    const create = () => gar.createClient(options);
    expect(create).toThrow('Registry "gar"');
    expect(create).not.toThrow('secret-text-4711');
  });

  it('lists the images of the Docker repositories in its location, page by page', async () => {
    const { fake, client } = await start();
    const names = ['my-project/a/x', 'my-project/a/y/z', 'my-project/a/w', 'my-project/b/x', 'my-project/c/x'];
    for (const name of [...names, 'other/a/x']) await fake.registry.push(name, 'v1', image1);
    expect((await collect(client.listRepositories())).sort()).toEqual([...names].sort());
    expect(fake.pages).toBe(3 + 2 + 1 + 1);
  });

  it('lists by the catalog at a host of the older kind', async () => {
    const { fake, client } = await start({ closed: false }, (started) => ({
      options: { host: 'gcr.io' },
      secretOptions: { serviceAccountKey: started.key() },
    }));
    await fake.registry.push('my-project/app', 'v1', image1);
    expect(await collect(client.listRepositories())).toEqual(['my-project/app']);
    expect(fake.pages).toBe(0);
  });

  it('says that it must know the project', async () => {
    const { client } = await start({ closed: true }, () => ({ options: { credentialsFrom: 'metadata' } }));
    const listed = collect(client.listRepositories());
    await expect(listed).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      status: 404,
      message: expect.stringContaining('"project"'),
    });
  });

  it('says so when the repository itself holds its tags immutable', async () => {
    const { fake, client } = await start();
    await fake.registry.push(repository, v1, image1);
    await fake.registry.push(repository, v1, image2);
    const message = 'cannot update tag v1. The repository has enabled tag immutability';
    fake.registry.refuseOverwrites({ status: 400, code: 'MANIFEST_INVALID', message });
    const put = client.putManifest(repository, v1, manifestOf(image1));
    await expect(put).rejects.toMatchObject({ code: 'REGISTRY_IMMUTABLE' });
  });
});
