import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { canListRepositories, canRestoreTags, type Manifest } from '#application';
import { parseDigest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { buildImage, type TestImage } from '#testing';
import type { ClientSettings, CloseableRegistryClient, RegistryClientOptions } from '../adapter.js';
import { collect, describeClientContract } from '../client-contract.js';
import { closedAfterEach } from '../closed-after-each.fixture.js';
import { ecr } from './adapter.js';
import { FAKE_KEY, FakeEcr, type FakeEcrOptions } from './fake-ecr.js';

const withKey = (options: RegistryClientOptions, settings?: ClientSettings) =>
  ecr.createClient(
    { ...options, options: { region: 'eu-west-1', apiUrl: options.url }, secretOptions: FAKE_KEY },
    settings,
  );
describeClientContract('ecr over its API', 'ecr', () => FakeEcr.start(), withKey);

const [repository, v1] = [parseRepositoryName('team/app'), parseTagName('v1')];
const [image1, image2] = [buildImage('one'), buildImage('two')];
const manifestOf = (image: TestImage): Manifest => ({ ...image, digest: parseDigest(image.digest) });

describe('an ECR client', () => {
  const closeLater = closedAfterEach();

  async function start(
    fakeOptions: FakeEcrOptions = {},
    own: Pick<RegistryClientOptions, 'options' | 'secretOptions' | 'username' | 'password'> = {
      secretOptions: FAKE_KEY,
    },
  ): Promise<{ fake: FakeEcr; client: CloseableRegistryClient }> {
    const fake = await FakeEcr.start(fakeOptions);
    closeLater(() => fake.stop());
    const options = { region: 'eu-west-1', apiUrl: fake.url, ...own.options };
    const client = ecr.createClient(
      { name: parseRegistryName('ecr'), kind: 'ecr', url: fake.url, ...own, options },
      { retry: { attempts: 1 }, repositoriesPerPage: 2 },
    );
    closeLater(() => client.close());
    return { fake, client };
  }

  it('logs in with the password that the API gives for a signed request, and asks for it once', async () => {
    const { fake, client } = await start({ closed: true });
    await Promise.all([client.check(), client.check(), client.findManifestHead(repository, v1)]);
    await client.check();
    expect(fake.actions).toEqual(['GetAuthorizationToken']);
  });

  it('asks for another password before the one it has expires', async () => {
    const { fake, client } = await start({ closed: true, passwordMs: 0 });
    await client.check();
    await client.check();
    expect(fake.actions).toEqual(['GetAuthorizationToken', 'GetAuthorizationToken']);
  });

  it.each([
    ['another secret', { ...FAKE_KEY, secretAccessKey: 'another-secret-access-key' }],
    ['another key', { ...FAKE_KEY, accessKeyId: 'AKIDOTHER' }],
    ['another session', { ...FAKE_KEY, sessionToken: 'another-session-token' }],
  ])('is denied with %s, and says nothing secret', async (_, secretOptions) => {
    const { client } = await start({ closed: true }, { secretOptions });
    const error = await client.check().catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED', message: expect.stringContaining('InvalidSignature') });
    const said = JSON.stringify([(error as Error).message, error]);
    for (const secret of [secretOptions.secretAccessKey, secretOptions.sessionToken])
      expect(said).not.toContain(secret);
  });

  it('takes the role of an instance', async () => {
    const fake = await FakeEcr.start({ closed: true });
    closeLater(() => fake.stop());
    const options = { credentialsFrom: 'instance', instanceMetadataUrl: fake.url, apiUrl: fake.url, region: 'x' };
    const client = ecr.createClient({ name: parseRegistryName('ecr'), kind: 'ecr', url: fake.url, options });
    closeLater(() => client.close());
    await client.check();
    expect(fake.actions).toEqual(['GetAuthorizationToken']);
  });

  it('takes the role of a container, with the token that is in the file now', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ecr-'));
    closeLater(() => rm(dir, { recursive: true }));
    const containerTokenPath = join(dir, 'token');
    await writeFile(containerTokenPath, 'container-token\n');
    const fake = await FakeEcr.start({ closed: true });
    closeLater(() => fake.stop());
    const options = { credentialsFrom: 'container', containerTokenPath, apiUrl: fake.url, region: 'x' };
    const secretOptions = { containerCredentialsUri: `${fake.url}/container-credentials` };
    const client = ecr.createClient({
      name: parseRegistryName('ecr'),
      kind: 'ecr',
      url: fake.url,
      options,
      secretOptions,
    });
    closeLater(() => client.close());
    await client.check();
    expect(fake.actions).toEqual(['GetAuthorizationToken']);
  });

  it('takes a password made elsewhere, and then uses `/v2/` alone', async () => {
    const { fake, client } = await start({ closed: true }, { username: 'AWS', password: 'twelve-hours-password' });
    await client.check();
    expect(fake.actions).toEqual([]);
    expect(canRestoreTags(client)).toBe(false);
  });

  it.each<[string, Partial<RegistryClientOptions>]>([
    ['half a key', { secretOptions: { accessKeyId: 'AKID' } }],
    ['no region', { secretOptions: FAKE_KEY }],
    ['an API over plain http', { secretOptions: FAKE_KEY, options: { region: 'x', apiUrl: 'http://x.example' } }],
    ['credentials from nowhere', { options: { credentialsFrom: 'env' } }],
    [
      'a container address that is not one',
      {
        options: { credentialsFrom: 'container' },
        secretOptions: { containerCredentialsUri: 'http://example.org/' },
      },
    ],
  ])('refuses %s at the start', (_, own) => {
    const options = { name: parseRegistryName('ecr'), kind: 'ecr', url: 'https://images.example.com', ...own };
    expect(() => ecr.createClient(options)).toThrow('Registry "ecr"');
  });

  it('lists the repositories by the API, page by page, where `/v2/` has no catalog', async () => {
    const { fake, client } = await start();
    for (const name of ['a', 'b', 'c', 'd/e', 'f']) await fake.registry.push(name, 'v1', image1);
    if (!canListRepositories(client)) throw new Error('It cannot list.');
    expect(await collect(client.listRepositories())).toEqual(['a', 'b', 'c', 'd/e', 'f']);
    expect(fake.actions).toEqual(['DescribeRepositories', 'DescribeRepositories', 'DescribeRepositories']);
  });

  async function restorable(fakeOptions: FakeEcrOptions = {}) {
    const { fake, client } = await start({ closed: true, ...fakeOptions });
    if (!canRestoreTags(client)) throw new Error('It cannot restore.');
    return { fake, client };
  }

  it('puts an overwritten tag back by PutImage, and takes it for done when it is so already', async () => {
    const { fake, client } = await restorable();
    await fake.registry.push(repository, v1, image1);
    await fake.registry.push(repository, v1, image2);
    expect(await client.restoreTag(repository, v1, parseDigest(image1.digest))).toBe(true);
    expect(fake.registry.findTag(repository, v1)).toBe(image1.digest);
    expect(await client.restoreTag(repository, v1, parseDigest(image1.digest))).toBe(true);
    expect(fake.actions.filter((action) => action === 'PutImage')).toHaveLength(2);
  });

  it('cannot restore by the API what went with its last tag; the kept manifest can be put', async () => {
    const { fake, client } = await restorable();
    await fake.registry.push(repository, v1, image1);
    fake.registry.deleteReference(repository, v1);
    expect(await client.findManifest(repository, parseDigest(image1.digest))).toBeNull();
    expect(await client.restoreTag(repository, v1, parseDigest(image1.digest))).toBe(false);
    expect(await client.restoreTag(parseRepositoryName('no/where'), v1, parseDigest(image1.digest))).toBe(false);
    await client.putManifest(repository, v1, manifestOf(image1));
    expect(fake.registry.findTag(repository, v1)).toBe(image1.digest);
  });

  it('says so when the registry itself holds the tag immutable', async () => {
    const { fake, client } = await restorable({ immutable: true });
    await fake.registry.push(repository, 'other', image1);
    await fake.registry.push(repository, v1, image2);
    const digest = parseDigest(image1.digest);
    await expect(client.restoreTag(repository, v1, digest)).rejects.toMatchObject({ code: 'REGISTRY_IMMUTABLE' });
    const put = client.putManifest(repository, v1, manifestOf(image1));
    await expect(put).rejects.toMatchObject({ code: 'REGISTRY_IMMUTABLE' });
  });

  it('takes “already there” for done when `/v2/` says it, too', async () => {
    const { fake, client } = await restorable();
    await fake.registry.push(repository, v1, image1);
    const message = 'Image already exists.';
    fake.registry.refuseOverwrites({ status: 400, code: 'ImageAlreadyExistsException', message });
    await expect(client.putManifest(repository, v1, manifestOf(image1))).resolves.toBeUndefined();
  });

  it('says what is missing when layers are gone', async () => {
    const { fake, client } = await restorable();
    await fake.registry.push(repository, 'other', image1);
    for (const { digest } of image1.blobs) fake.registry.collectGarbage(repository, digest);
    const restored = client.restoreTag(repository, v1, parseDigest(image1.digest));
    await expect(restored).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: expect.stringContaining('LayersNotFoundException'),
    });
  });
});
