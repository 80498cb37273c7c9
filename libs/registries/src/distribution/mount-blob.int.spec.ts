import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Digest, parseRegistryName, parseRepositoryName } from '#domain';
import { FakeRegistry, type FakeRegistryOptions } from '#testing';
import type { RegistryClientOptions } from '../adapter.js';
import { OciRegistryClient } from './client.js';
import { PIECE } from './copy-blob.js';

const from = parseRepositoryName('team/app');
const to = parseRepositoryName('tagwarden/guard');
const account = { username: 'ci', password: 'geheim-4711' };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function setUp(bytes: Buffer, options: FakeRegistryOptions = {}, own: Partial<RegistryClientOptions> = {}) {
  const registry = await FakeRegistry.start(options);
  const client = new OciRegistryClient(
    { name: parseRegistryName('local'), kind: 'distribution', url: registry.url, ...own },
    { retry: { attempts: 1 } },
  );
  closing.push(
    () => client.close(),
    () => registry.stop(),
  );
  return { registry, client, digest: registry.addBlob(from, bytes) as Digest };
}

const small = Buffer.from('a layer');

describe('Mounting a blob', () => {
  it('brings it into another repository in one request', async () => {
    const { registry, client, digest } = await setUp(small);
    expect(await client.mountBlob(to, from, digest)).toBe(true);
    expect(registry.hasBlob(to, digest)).toBe(true);
    expect(registry.calls.map(({ method, status }) => `${method} ${status}`)).toEqual(['POST 201']);
  });

  it('asks the token service for both repositories at once', async () => {
    const { registry, client, digest } = await setUp(small, { auth: { type: 'bearer', ...account } }, account);
    expect(await client.mountBlob(to, from, digest)).toBe(true);
    registry.expireTokens();
    expect(await client.mountBlob(to, from, digest)).toBe(true);
    const tokens = registry.calls.filter(({ path }) => path.startsWith('/token'));
    const scopes = tokens.map(({ path }) => new URL(path, registry.url).searchParams.getAll('scope'));
    const both = [`repository:${to}:pull,push`, `repository:${from}:pull`];
    expect(scopes.at(0)).toEqual(both);
    expect(scopes.flatMap((some) => some.flatMap((one) => one.split(' ')))).toEqual([...both, ...both]);
  });

  it.each([
    ['a registry that wants an upload instead', { refusesMounts: true }],
    ['a blob that is gone', {}],
  ])('answers false for %s, and leaves no upload open', async (_, options) => {
    const { registry, client, digest } = await setUp(small, options);
    if (!('refusesMounts' in options)) registry.collectGarbage(from, digest);
    expect(await client.mountBlob(to, from, digest)).toBe(false);
    expect(registry.openUploads).toBe(0);
    expect(registry.calls.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
  });

  it('throws what the registry says of a repository that it does not have', async () => {
    const body = JSON.stringify({ errors: [{ code: 'NAME_UNKNOWN', message: 'create it first' }] });
    const { client, digest } = await setUp(small, {
      vendor: ({ method }) => (method === 'POST' ? { status: 404, body } : null),
    });
    await expect(client.mountBlob(to, from, digest)).rejects.toThrow(/NAME_UNKNOWN: create it first/);
  });
});

describe('Copying a blob', () => {
  it.each([
    ['nothing', 0],
    ['a little', 7],
    ['exactly one piece', PIECE],
    ['one byte more', PIECE + 1],
    ['three pieces', 2 * PIECE + 5],
  ])('sends %s', async (_, size) => {
    const bytes = randomBytes(size);
    const { registry, client, digest } = await setUp(bytes);
    expect(await client.copyBlob(to, from, digest, 4 * PIECE)).toEqual({ type: 'copied' });
    expect(registry.hasBlob(to, digest)).toBe(true);
    expect(registry.openUploads).toBe(0);
  });

  it('leaves alone what is too large', async () => {
    const { registry, client, digest } = await setUp(small);
    expect(await client.copyBlob(to, from, digest, 6)).toEqual({ type: 'tooLarge', bytes: 7 });
    expect(registry.calls.map(({ method }) => method)).toEqual(['HEAD']);
  });

  it('says so where there is nothing to copy', async () => {
    const { registry, client, digest } = await setUp(small);
    registry.collectGarbage(from, digest);
    expect(await client.copyBlob(to, from, digest, 100)).toEqual({ type: 'absent' });
  });

  it('follows an upload to no other host', async () => {
    const elsewhere = { status: 202, headers: { location: 'http://attacker.example/upload' } };
    const { client, digest } = await setUp(small, {
      vendor: ({ method }) => (method === 'POST' ? elsewhere : null),
    });
    await expect(client.copyBlob(to, from, digest, 100)).rejects.toThrow(/no place of its own/);
  });
});
