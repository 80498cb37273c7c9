import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { parseRegistryName } from '#domain';
import { FakeRegistry, type FakeReply, type FakeRequest } from '#testing';
import { closedAfterEach } from '../closed-after-each.fixture.js';
import { VendorApi } from './vendor-api.js';

describe("a vendor's API", () => {
  const closeLater = closedAfterEach();

  async function setUp(vendor: (request: FakeRequest) => FakeReply) {
    const server = await FakeRegistry.start({ vendor });
    const client = { name: parseRegistryName('local'), kind: 'any', url: server.url, password: 'geheim-4711' };
    const api = new VendorApi({
      client,
      settings: { retry: { attempts: 3, firstWaitMs: 1 } },
      base: new URL(`${server.url}/api`),
      authorization: () => 'Bearer bearer-4711',
      secrets: ['hook/4711'],
    });
    closeLater(
      () => api.close(),
      () => server.stop(),
    );
    return { api, server };
  }

  const failing = (status: number, body: unknown) => (): FakeReply => ({ status, body: JSON.stringify(body) });

  it.each<[string, unknown]>([
    ['errors', { errors: [{ code: 'X', message: 'what it said' }] }],
    ['detail', { detail: 'what it said' }],
    ['error_message', { error_message: 'what it said', error_type: 'invalid' }],
    ['message', { message: 'what it said' }],
  ])('passes on what the vendor said under %s', async (_, body) => {
    const { api } = await setUp(failing(400, body));
    const call = api.call({ method: 'POST', path: 'things', body: {} });
    await expect(call).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      status: 400,
      message: expect.stringMatching(/POST http:.*\/api\/things.*what it said/),
    });
  });

  it('keeps secrets out of what the vendor said, in any writing', async () => {
    const echo = 'geheim-4711 bearer-4711 hook/4711 hook%2F4711';
    const { api } = await setUp(failing(400, { message: echo }));
    const error = await api.call({ method: 'GET', path: 'things' }).catch((thrown: unknown) => thrown);
    expect(inspect(error, { depth: 9 })).not.toContain('4711');
  });

  it.each<[number, string, boolean]>([
    [401, 'REGISTRY_DENIED', false],
    [403, 'REGISTRY_DENIED', false],
    [404, 'REGISTRY_REFUSED', false],
    [409, 'REGISTRY_REFUSED', false],
    [503, 'REGISTRY_BUSY', true],
  ])('%d is %s', async (status, code, retriable) => {
    const { api } = await setUp(failing(status, {}));
    await expect(api.call({ method: 'DELETE', path: 'things' })).rejects.toMatchObject({ code, retriable, status });
  });

  it.each<['GET' | 'POST', boolean | undefined, number]>([
    ['GET', undefined, 3],
    ['POST', undefined, 1],
    ['POST', true, 3],
  ])('tries a %s (repeatable: %p) %d times', async (method, repeatable, times) => {
    const { api, server } = await setUp(failing(502, {}));
    const call = api.call({ method, path: 'things', ...(repeatable === undefined ? {} : { repeatable }) });
    await expect(call).rejects.toMatchObject({ status: 502 });
    expect(server.calls).toHaveLength(times);
  });

  it('does not carry its credentials to another host, or along a redirect', async () => {
    const redirect = { status: 302, headers: { location: 'http://elsewhere.example.com/' } };
    const { api, server } = await setUp(() => redirect);
    await expect(api.call({ method: 'GET', path: 'http://elsewhere.example.com/x' })).rejects.toMatchObject({
      code: 'REGISTRY_BAD_ANSWER',
    });
    await expect(api.call({ method: 'GET', path: 'things' })).rejects.toMatchObject({ status: 302 });
    expect(server.calls).toHaveLength(1);
  });

  it('refuses an answer of another shape', async () => {
    const { api } = await setUp(() => ({ status: 200, body: '{"things":5}' }));
    const read = api.read(z.object({ things: z.array(z.string()) }), { method: 'GET', path: 'things' });
    await expect(read).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' });
  });
});
