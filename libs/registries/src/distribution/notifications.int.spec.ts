import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { buildImage, FakeRegistry } from '#testing';
import { describeNotificationContract } from './notification-contract.js';

describeNotificationContract('fake registry', (url) => FakeRegistry.start({ notify: { url } }));

it('the fake registry tells of a push before it writes the tag, and again until it is heard', async () => {
  const [one, two] = [buildImage('one'), buildImage('two')];
  const seen: (string | null)[] = [];
  const sink = createServer((_, response) => {
    seen.push(fake.findTag('team/app', 'v1'));
    response.writeHead(seen.length === 1 ? 500 : 200).end();
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`;
  const fake = await FakeRegistry.start({ notify: { url }, tagDelayMs: 500, forgetOverwritten: true });
  await fake.push('team/app', 'v1', one, true);
  await fake.push('team/app', 'v1', two);
  await fake.delivered();
  expect(seen).toEqual([one.digest, one.digest]);
  expect(fake.findTag('team/app', 'v1')).toBe(two.digest);
  expect(
    (await fetch(`${fake.url}/v2/team/app/manifests/${one.digest}`, { headers: { accept: one.mediaType } })).status,
  ).toBe(404);
  await fake.stop();
  sink.close();
});
