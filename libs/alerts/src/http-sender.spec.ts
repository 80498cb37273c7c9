import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AlertDeliveryError } from '#application';
import { HttpSender, type HttpSenderOptions } from './http-sender.js';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function listen(handler: RequestListener): Promise<number> {
  server = createServer(handler);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function failureOf(url: string, options: HttpSenderOptions): Promise<AlertDeliveryError> {
  const error = await new HttpSender(new URL(url), options).post({}, '{}').catch((thrown: unknown) => thrown);
  if (!(error instanceof AlertDeliveryError)) throw new Error(`Expected an AlertDeliveryError, not ${String(error)}`);
  return error;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('HttpSender', () => {
  it('posts JSON and answers the status', async () => {
    const seen: unknown[] = [];
    const port = await listen(async (request, response) => {
      seen.push(
        request.method,
        request.url,
        request.headers['content-type'],
        request.headers['x-a'],
        await bodyOf(request),
      );
      response.writeHead(204).end();
    });
    const sender = new HttpSender(new URL(`http://127.0.0.1:${port}/hook?x=1`), { allowPrivate: true });
    await expect(sender.post({ 'x-a': 'b' }, '{"ok":true}')).resolves.toEqual({ status: 204 });
    expect(seen).toEqual(['POST', '/hook?x=1', 'application/json', 'b', '{"ok":true}']);
  });

  it('keeps status, Retry-After and an excerpt of a refusal, and the path to itself', async () => {
    const port = await listen((request, response) => {
      response.writeHead(429, { 'retry-after': '30' }).end(`slow down, ${request.url}`);
    });
    const failure = await failureOf(`http://127.0.0.1:${port}/services/T00000000/tokentoken`, { allowPrivate: true });
    expect(failure).toMatchObject({ retriable: true, status: 429, retryAfterMs: 30_000 });
    expect(failure.message).toContain(`http://127.0.0.1:${port} answered 429: "slow down`);
    expect(failure.message).not.toMatch(/T00000000|tokentoken/);
  });

  it('follows no redirect', async () => {
    let requests = 0;
    const port = await listen((_request, response) => {
      requests++;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const failure = await failureOf(`http://127.0.0.1:${port}/`, { allowPrivate: true });
    expect(failure).toMatchObject({ retriable: false, status: 302 });
    expect(requests).toBe(1);
  });

  it('reads no more of an endless answer than it needs', async () => {
    let finished = false;
    const port = await listen((_request, response) => {
      response.writeHead(500);
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        response.once('drain', pour);
      };
      response.once('close', () => {
        finished = true;
      });
      pour();
    });
    const failure = await failureOf(`http://127.0.0.1:${port}/`, { allowPrivate: true });
    expect(failure.excerpt).toHaveLength(300);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(finished).toBe(true);
  });

  it('gives a silent receiver up in time', async () => {
    const port = await listen(() => undefined);
    const failure = await failureOf(`http://127.0.0.1:${port}/`, { allowPrivate: true, timeoutMs: 100 });
    expect(failure).toMatchObject({ retriable: true, status: null });
    expect(failure.message).toContain('no answer within 0.1 s');
  });

  it('retries a receiver that is not there', async () => {
    const port = await listen(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    const failure = await failureOf(`http://127.0.0.1:${port}/secretpath`, { allowPrivate: true });
    expect(failure).toMatchObject({ retriable: true, status: null });
    expect(failure.message).toBe(`http://127.0.0.1:${port} could not be reached: ECONNREFUSED.`);
  });

  it.each(['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0'])(
    'does not connect to %s',
    async (host) => {
      let requests = 0;
      const port = await listen((_request, response) => {
        requests++;
        response.end();
      });
      const failure = await failureOf(`http://${host}:${port}/`, {});
      expect(failure).toMatchObject({ retriable: false, status: null });
      expect(failure.message).toContain('allowPrivate');
      expect(requests).toBe(0);
    },
  );

  it('does not connect to a public name that resolves to a private address', async () => {
    let requests = 0;
    const port = await listen((_request, response) => {
      requests++;
      response.end();
    });
    for (const protocol of ['http', 'https']) {
      const failure = await failureOf(`${protocol}://hooks.example:${port}/`, {
        resolveHost: async () => [{ address: '127.0.0.1', family: 4 }],
      });
      expect(failure.message).toContain('127.0.0.1 is not a public address');
      expect(failure.retriable).toBe(false);
    }
    expect(requests).toBe(0);
  });

  it('retries when the name can not be resolved', async () => {
    const resolveHost = async () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN' }));
    const failure = await failureOf('https://hooks.example/secretpath', { resolveHost });
    expect(failure).toMatchObject({
      retriable: true,
      message: 'https://hooks.example could not be reached: EAI_AGAIN.',
    });
  });
});
