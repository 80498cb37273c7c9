import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RegistryEvent } from '#domain';
import { buildImage, deleteManifest, getTag, headTag, pushImage } from '#testing';
import { parse, summarise } from '../adapter-contract.js';
import type { ContractRegistry } from '../client-contract.js';
import { distribution } from './adapter.js';

/** What a registry of this kind tells, from what a client did to what the adapter made of it. */
export function describeNotificationContract(
  name: string,
  start: (notifyUrl: string) => Promise<ContractRegistry>,
): void {
  describe(`notification contract: ${name}`, () => {
    const events: RegistryEvent[] = [];
    let sink: Server;
    let registry: ContractRegistry;

    beforeAll(async () => {
      sink = createServer(async (request, response) => {
        const { rejected, events: told } = parse(distribution, { headers: {}, body: await text(request) });
        expect(rejected).toEqual([]);
        events.push(...told);
        response.end();
      });
      await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
      registry = await start(`http://127.0.0.1:${(sink.address() as AddressInfo).port}/`);
    }, 30_000);

    afterAll(async () => {
      await registry?.stop();
      sink?.close();
    });

    it('tells of a push, an overwrite, a pull and a deletion, and a HEAD counts as no pull', async () => {
      const [one, two] = [buildImage('one'), buildImage('two')];
      const [first, second] = [one, two].map(({ digest }) => digest.slice(7, 15));
      await pushImage(registry.url, 'team/app', 'v1', one);
      await pushImage(registry.url, 'team/app', 'v1', two);
      await headTag(registry.url, 'team/app', 'v1');
      await getTag(registry.url, 'team/app', 'v1');
      await deleteManifest(registry.url, 'team/app', two.digest);
      const expected = [
        `pushed team/app:v1@${first}`,
        `pushed team/app:v1@${second}`,
        `pulled team/app:v1@${second}`,
        `manifestDeleted team/app@${second}`,
        'tagDeleted team/app:v1',
      ];
      for (let n = 0; n < 100 && events.length < expected.length; n++) await new Promise((r) => setTimeout(r, 50));
      expect(events.map(summarise)).toEqual(expected);
    });
  });
}
