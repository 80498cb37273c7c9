import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseRegistryName } from '#domain';
import type { RegistryClientOptions } from '../adapter.js';
import { OciRegistryClient } from './client.js';

describe('a registry behind TLS', () => {
  let folder: string;
  let ca: string;
  let registry: Server;
  let tokenService: Server;
  let url: string;
  const tokenRequests: unknown[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagwarden-tls-'));
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
    await promisify(execFile)('openssl', ['req', '-x509', '-days', '1', ...key, '-out', certFile, ...subject]);
    ca = await readFile(certFile, 'utf8');
    tokenService = createHttpServer((request, response) => {
      tokenRequests.push(request.headers.authorization);
      response.end('{"token":"t"}');
    }).listen(0, '127.0.0.1');
    registry = createServer({ key: await readFile(keyFile), cert: ca }, (request, response) => {
      const realm = `http://127.0.0.1:${(tokenService.address() as AddressInfo).port}/token`;
      if (request.headers.authorization !== undefined) return response.end('{}');
      return response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end();
    }).listen(0, '127.0.0.1');
    await Promise.all(
      [tokenService, registry].map((each) => each.listening || new Promise((r) => each.once('listening', r))),
    );
    url = `https://127.0.0.1:${(registry.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    registry?.close();
    tokenService?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function check(options: Partial<RegistryClientOptions>): Promise<unknown> {
    const client = new OciRegistryClient({ name: parseRegistryName('tls'), kind: 'distribution', url, ...options });
    try {
      return await client.check().catch((thrown: unknown) => thrown);
    } finally {
      await client.close();
    }
  }

  it('is trusted by its own authority, or unchecked where that is asked for', async () => {
    expect(await check({ token: 't', tls: { ca } })).toBeUndefined();
    expect(await check({ token: 't', tls: { insecureSkipVerify: true } })).toBeUndefined();
  });

  it('is not trusted otherwise, which needs a person', async () => {
    expect(await check({ token: 't' })).toMatchObject({ code: 'REGISTRY_UNREACHABLE', retriable: false });
  });

  it('gets no password sent to a token service on plain http', async () => {
    const error = await check({ username: 'ci', password: 'geheim', tls: { ca } });
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED', message: expect.stringMatching(/over plain http/) });
    expect(tokenRequests).toEqual([]);
  });

  it('may still get an anonymous token there', async () => {
    expect(await check({ tls: { ca } })).toBeUndefined();
    expect(tokenRequests).toEqual([undefined]);
  });
});
