import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CleanUp } from '../clean-up.js';
import { readPushes } from './read-pushes.js';

/** The bench's own end of a registry's notifications. */
export class PushObserver {
  private readonly expected = new Map<string, () => void>();

  private constructor(readonly url: string) {}

  static async start(cleanUp: CleanUp): Promise<PushObserver> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const observer = new PushObserver(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    server.on('request', async (request, response) => {
      const pushes = await readPushes(request);
      response.end();
      for (const { tag, digest } of pushes) observer.expected.get(`${tag} ${digest}`)?.();
    });
    cleanUp.add(async () => {
      server.closeAllConnections();
      server.close();
    });
    return observer;
  }

  /** Resolves when the registry next tells that this digest was pushed under this tag. */
  nextPush(tag: string, digest: string): Promise<void> {
    return new Promise((resolve) => {
      this.expected.set(`${tag} ${digest}`, () => {
        this.expected.delete(`${tag} ${digest}`);
        resolve();
      });
    });
  }
}
