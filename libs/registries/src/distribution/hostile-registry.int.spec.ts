import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parseDigest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { collect } from '../client-contract.js';
import { closedAfterEach } from '../closed-after-each.fixture.js';
import { OciRegistryClient } from './client.js';
import { digestOf } from './manifest.js';

const repository = parseRepositoryName('team/app');
const tag = parseTagName('v1');
const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const absent = parseDigest(`sha256:${'0'.repeat(64)}`);

/** Registries that answer wrongly, strangely or with ill intent. */
describe('OciRegistryClient at a registry that misbehaves', () => {
  const closeLater = closedAfterEach();

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closeLater(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  function connect(url: string, options: Partial<RegistryClientOptions> = {}, settings: ClientSettings = {}) {
    const base = { name: parseRegistryName('odd'), kind: 'distribution', url, timeoutMs: 2000 };
    const client = new OciRegistryClient({ ...base, ...options }, { retry: { attempts: 1 }, ...settings });
    closeLater(() => client.close());
    return client;
  }

  it('refuses bytes that do not hash to the digest', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': IMAGE, 'docker-content-digest': absent }).end('{}');
    });
    const mismatch = { code: 'REGISTRY_DIGEST_MISMATCH', retriable: false };
    await expect(connect(url).findManifest(repository, tag)).rejects.toMatchObject(mismatch);
    await expect(connect(url).findManifest(repository, absent)).rejects.toMatchObject(mismatch);
  });

  it('checks a SHA-512 digest too', async () => {
    const bytes = Buffer.from('{"schemaVersion":2}');
    const digest = digestOf(bytes, parseDigest(`sha512:${'0'.repeat(128)}`));
    const url = await serve((_, response) => response.writeHead(200, { 'content-type': IMAGE }).end(bytes));
    expect(await connect(url).findManifest(repository, digest)).toEqual({ digest, mediaType: IMAGE, bytes });
  });

  it('reads the manifest where HEAD brings no digest, and its own media type where the header has a generic one', async () => {
    const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: IMAGE }));
    const methods: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      methods.push(request.method);
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
    expect(await connect(url).findManifestHead(repository, tag)).toEqual({ digest: digestOf(body), mediaType: IMAGE });
    expect(methods).toEqual(['HEAD', 'GET']);
  });

  it('stops reading a body that does not end', async () => {
    let sent = 0;
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': IMAGE });
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
      };
      response.on('drain', more);
      more();
    });
    await expect(connect(url).findManifest(repository, tag)).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' });
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('gives up on an answer that trickles in for longer than the timeout', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': IMAGE });
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    });
    const client = connect(url, { timeoutMs: 300 });
    await expect(client.findManifest(repository, tag)).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
  });

  it('takes a body that was cut off for no answer', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': IMAGE, 'content-length': '100' }).write('{');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(connect(url).findManifest(repository, tag)).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
  });

  it('follows a redirected blob without its credentials, and keeps the signature out of errors', async () => {
    const seen: unknown[] = [];
    const storage = await serve((request, response) => {
      seen.push([request.method, request.headers.authorization]);
      response.writeHead(seen.length === 1 ? 200 : 403).end();
    });
    const url = await serve((_, response) => {
      response.writeHead(307, { location: `${storage}/bucket/blob?X-Signature=geheim` }).end();
    });
    const client = connect(url, { token: 'pat-4711' });
    expect(await client.hasBlob(repository, absent)).toBe(true);
    expect(seen).toEqual([['HEAD', undefined]]);
    const error = await client.hasBlob(repository, absent).catch((thrown: unknown) => thrown);
    expect(inspect(error)).toContain(`${storage}/bucket/blob`);
    expect(inspect(error)).not.toContain('geheim');
  });

  it('gives up on redirects without end, and to other protocols', async () => {
    const round = await serve((request, response) => response.writeHead(307, { location: request.url ?? '' }).end());
    await expect(connect(round).hasBlob(repository, absent)).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' });
    const file = await serve((_, response) => response.writeHead(307, { location: 'file:///etc/passwd' }).end());
    await expect(connect(file).hasBlob(repository, absent)).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' });
  });

  it.each([
    ['another host', 'http://other.example.com/v2/team/app/tags/list?last=a'],
    ['the same page', '/v2/team/app/tags/list?n=1000'],
  ])('does not follow a next page on %s', async (_, target) => {
    const url = await serve((__, response) => {
      response.writeHead(200, { link: `<${target}>; rel="next"` }).end('{"name":"team/app","tags":["a"]}');
    });
    await expect(collect(connect(url).listTags(repository))).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' });
  });

  it.each(['<html>', '{"tags":5}', '[]'])('refuses %s as a tag list', async (body) => {
    const url = await serve((_, response) => response.end(body));
    await expect(collect(connect(url).listTags(repository))).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' });
  });

  it('repeats no secret that an error page echoes', async () => {
    const url = await serve((request, response) => {
      const message = `you sent ${request.headers.authorization}`;
      response.writeHead(400).end(JSON.stringify({ errors: [{ code: 'ECHO', message, detail: message }] }));
    });
    for (const options of [{ token: 'pat-4711' }, { username: 'ci', password: 'geheim' }]) {
      const error = await connect(url, options)
        .findManifest(repository, tag)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ errors: [{ code: 'ECHO' }] });
      expect(inspect(error, { depth: 9 })).not.toMatch(/pat-4711|geheim|Y2k6Z2VoZWlt/);
    }
  });

  it.each([
    ['no JSON', 'oops'],
    ['no token', '{}'],
    ['a token that would break the header', '{"token":"a\\r\\nx: y"}'],
  ])('refuses %s from the token service', async (_, body) => {
    const url = await serve((request, response) => {
      if (request.url?.startsWith('/token')) return response.end(body);
      return response.writeHead(401, { 'www-authenticate': 'Bearer realm="/token"' }).end();
    });
    await expect(connect(url).check()).rejects.toMatchObject({ code: 'REGISTRY_BAD_ANSWER' });
  });

  it.each(['http://169.254.169.254/latest', 'http://[fe80::1]/token', 'http://[::ffff:169.254.169.254]/token'])(
    'asks no token service at %s',
    async (realm) => {
      const url = await serve((_, response) =>
        response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end(),
      );
      const denied = { code: 'REGISTRY_DENIED', message: expect.stringContaining('link-local'), retriable: false };
      await expect(connect(url).check()).rejects.toMatchObject(denied);
    },
  );

  it('does not loop where every token is refused', async () => {
    let requests = 0;
    const url = await serve((request, response) => {
      requests++;
      if (request.url?.startsWith('/token')) return response.end('{"access_token":"t"}');
      return response.writeHead(401, { 'www-authenticate': 'Bearer realm="/token"' }).end();
    });
    await expect(connect(url).check()).rejects.toMatchObject({ code: 'REGISTRY_DENIED' });
    expect(requests).toBeLessThan(5);
  });

  it('says so where the url leads to no registry', async () => {
    const url = await serve((_, response) => response.writeHead(404).end('nothing here'));
    await expect(connect(url).check()).rejects.toThrow(/no OCI distribution API/);
  });

  it('lives below a path', async () => {
    const paths: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      paths.push(request.url);
      response.end('{}');
    });
    await connect(`${url}/artifactory/api/docker/local/`).check();
    expect(paths).toEqual(['/artifactory/api/docker/local/v2/']);
  });
});
