import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parseDigest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { buildImage, FakeRegistry, type FakeRegistryOptions } from '#testing';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { collect, describeClientContract } from '../client-contract.js';
import { closedAfterEach } from '../closed-after-each.fixture.js';
import { distribution } from './adapter.js';
import { OciRegistryClient } from './client.js';

describeClientContract('fake registry', 'distribution', () => FakeRegistry.start(), distribution.createClient);

const repository = parseRepositoryName('team/app');
const tag = parseTagName('v1');
const image = buildImage('one');
const manifest = { ...image, digest: parseDigest(image.digest) };
const account = { username: 'ci', password: 'geheim-4711' };

describe('OciRegistryClient', () => {
  const closeLater = closedAfterEach();

  async function setUp(
    registryOptions: FakeRegistryOptions = {},
    options: Partial<RegistryClientOptions> = {},
    settings: ClientSettings = {},
  ) {
    const registry = await FakeRegistry.start(registryOptions);
    const client = new OciRegistryClient(
      { name: parseRegistryName('local'), kind: 'distribution', url: registry.url, timeoutMs: 2000, ...options },
      { version: '1.2.3', ...settings, retry: { firstWaitMs: 5, ...settings.retry } },
    );
    closeLater(
      () => client.close(),
      () => registry.stop(),
    );
    return { registry, client };
  }

  it('says who it is, and takes all four kinds of manifest', async () => {
    const { registry, client } = await setUp();
    await client.findManifest(repository, tag);
    const [call] = registry.calls;
    expect(call?.headers['user-agent']).toBe('tagwarden/1.2.3');
    expect(call?.headers.accept?.split(', ')).toHaveLength(4);
    expect(call?.headers.authorization).toBeUndefined();
  });

  it('keeps its connections', async () => {
    const { registry, client } = await setUp();
    for (let n = 0; n < 20; n++) await client.check();
    // The pool opens a second one when the first has just answered and is not free yet.
    expect(registry.connections).toBeLessThanOrEqual(2);
  });

  describe('with Basic authentication', () => {
    const auth = { type: 'basic', ...account } as const;

    it('sends the password once the registry has asked for it', async () => {
      const { registry, client } = await setUp({ auth }, account);
      await registry.push(repository, tag, image);
      expect((await client.findManifest(repository, tag))?.digest).toBe(image.digest);
      expect(registry.calls.map((call) => call.status)).toEqual([401, 200]);
      expect(registry.calls[0]?.headers.authorization).toBeUndefined();
    });

    it('is denied with a wrong password, once, and names the remedy but no secret', async () => {
      const { registry, client } = await setUp({ auth }, { ...account, password: 'falsch-0815' });
      const error = await client.findManifest(repository, tag).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'REGISTRY_DENIED', retriable: false, status: 401 });
      expect(inspect(error, { depth: 9 })).not.toMatch(/falsch-0815|ZmFsc2No/);
      expect(String(error)).toMatch(/Check the username and password/);
      expect(registry.calls).toHaveLength(2);
    });

    it('is denied without an account', async () => {
      const { client } = await setUp({ auth });
      await expect(client.check()).rejects.toMatchObject({ code: 'REGISTRY_DENIED' });
    });
  });

  describe('with a token service', () => {
    const auth = { type: 'bearer', ...account } as const;
    const tokenCalls = (registry: FakeRegistry) => registry.calls.filter((call) => call.path.startsWith('/token'));

    it('fetches one token a scope, however many ask at once', async () => {
      const { registry, client } = await setUp({ auth }, account);
      await registry.push(repository, tag, image);
      await Promise.all(Array.from({ length: 10 }, () => client.findManifestHead(repository, tag)));
      expect(tokenCalls(registry)).toHaveLength(1);
      await client.putManifest(repository, tag, manifest);
      await client.check();
      const scopes = tokenCalls(registry).map((call) => new URL(call.path, registry.url).searchParams.get('scope'));
      expect(scopes).toEqual([`repository:${repository}:pull`, `repository:${repository}:pull,push`, null]);
    });

    it('renews a token shortly before it expires, without a refused request', async () => {
      const { registry, client } = await setUp({ auth: { ...auth, tokenSeconds: 0.5 } }, account);
      await registry.push(repository, tag, image);
      await client.findManifestHead(repository, tag);
      await new Promise((resolve) => setTimeout(resolve, 420)); // 80 % of its life
      await client.findManifestHead(repository, tag);
      expect(tokenCalls(registry)).toHaveLength(2);
      expect(registry.calls.filter((call) => call.status === 401)).toHaveLength(1); // the very first
    });

    it('fetches a new token where the old one is refused', async () => {
      const { registry, client } = await setUp({ auth }, account);
      await registry.push(repository, tag, image);
      await client.findManifestHead(repository, tag);
      registry.expireTokens();
      expect(await client.findManifestHead(repository, tag)).not.toBeNull();
      expect(tokenCalls(registry)).toHaveLength(2);
    });

    it('is denied where the token service refuses the account', async () => {
      const { client } = await setUp({ auth }, { ...account, password: 'wrong' });
      await expect(client.findManifest(repository, tag)).rejects.toMatchObject({ code: 'REGISTRY_DENIED' });
    });

    it('sends a configured token as it is', async () => {
      const { registry, client } = await setUp({}, { token: 'pat-4711' });
      await client.check();
      expect(registry.calls.map((call) => call.headers.authorization)).toEqual(['Bearer pat-4711']);
    });
  });

  describe('when the registry is in trouble', () => {
    it.each([429, 500, 502, 503, 504])('tries again after %i', async (status) => {
      const { registry, client } = await setUp();
      registry.failNext(status, 2);
      await expect(client.check()).resolves.toBeUndefined();
      expect(registry.calls).toHaveLength(3);
    });

    it.each([
      [429, 'REGISTRY_BUSY'],
      [503, 'REGISTRY_BUSY'],
      [500, 'REGISTRY_REFUSED'],
    ])('gives up after all attempts at %i with %s, retriable', async (status, code) => {
      const { registry, client } = await setUp();
      registry.failNext(status, 9);
      await expect(client.findManifest(repository, tag)).rejects.toMatchObject({ code, status, retriable: true });
      expect(registry.calls).toHaveLength(4);
    });

    it.each([400, 403, 405, 412])('does not repeat what was refused with %i', async (status) => {
      const { registry, client } = await setUp();
      registry.failNext(status);
      const put = client.putManifest(repository, tag, manifest);
      await expect(put).rejects.toMatchObject({ status, retriable: false, errors: [{ code: 'FAKED' }] });
      expect(registry.calls).toHaveLength(1);
    });

    it('waits as long as Retry-After says', async () => {
      const { registry, client } = await setUp();
      registry.failNext(429, 1, { 'retry-after': '1' });
      const startedAt = performance.now();
      await client.check();
      expect(performance.now() - startedAt).toBeGreaterThan(990);
    });

    it('gives up at once where Retry-After is longer than the time it has', async () => {
      const { registry, client } = await setUp();
      registry.failNext(503, 1, { 'retry-after': '3600' });
      await expect(client.check()).rejects.toMatchObject({ code: 'REGISTRY_BUSY', retryAfterMs: 3_600_000 });
      expect(registry.calls).toHaveLength(1);
    });

    it('is unreachable while the registry is down, and works again afterwards', async () => {
      const { registry, client } = await setUp();
      registry.down();
      await expect(client.check()).rejects.toMatchObject({
        code: 'REGISTRY_UNREACHABLE',
        retriable: true,
        status: null,
      });
      registry.up();
      await expect(client.check()).resolves.toBeUndefined();
    });

    it('stops repeating when it is closed', async () => {
      const { registry, client } = await setUp({}, {}, { retry: { firstWaitMs: 20_000, maxWaitMs: 20_000 } });
      registry.failNext(503, 9);
      const outcome = client.check().catch((thrown: unknown) => thrown);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await client.close();
      expect(await outcome).toMatchObject({ code: 'REGISTRY_BUSY' });
    });
  });

  it('follows the pages of a tag list', async () => {
    const { registry, client } = await setUp({}, {}, { tagsPerPage: 2 });
    for (const each of ['a', 'b', 'c', 'd', 'e']) await registry.push(repository, each, image);
    expect(await collect(client.listTags(repository))).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(registry.calls).toHaveLength(3);
  });

  it('shows no credentials when it is inspected', async () => {
    const { client } = await setUp({}, { ...account, token: 'pat-4711' });
    expect(inspect(client, { depth: 9, showHidden: true })).not.toMatch(/geheim|4711|ci:/);
  });

  it('refuses a url with credentials in it', () => {
    const options = { name: parseRegistryName('local'), kind: 'distribution', url: 'https://ci:geheim@example.com' };
    expect(() => new OciRegistryClient(options)).toThrow(/credentials go to username and password/);
    expect(() => new OciRegistryClient(options)).not.toThrow(/geheim/);
  });
});
