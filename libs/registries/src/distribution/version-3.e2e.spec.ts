import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import {
  buildImage,
  deleteManifest,
  GO_PROVISION_LIMIT_MS,
  provisionDistribution3,
  pushImage,
  startDistribution3,
} from '#testing';
import { type Delivery, parse, readRecorded, summarise } from '../adapter-contract.js';
import { describeClientContract } from '../client-contract.js';
import { distribution } from './adapter.js';
import { describeNotificationContract } from './notification-contract.js';

// A first run may have to build the registry, which the contracts' own hooks give no time for.
beforeAll(() => provisionDistribution3(), GO_PROVISION_LIMIT_MS);

describeClientContract('version 3', 'distribution', () => startDistribution3(), distribution.createClient);
describeNotificationContract('version 3', (url) => startDistribution3({ notifications: { url } }));

type Body = { events: { target: object }[] };

it('tells of a tag deleted by its name in one event, without a digest, as the fixture has it', async () => {
  const deliveries: Delivery[] = [];
  const sink = createServer(async (request, response) => {
    deliveries.push({ headers: request.headers, body: JSON.parse(await text(request)) });
    response.end();
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`;
  const registry = await startDistribution3({ notifications: { url } });
  try {
    await pushImage(registry.url, 'team/app', 'v1', buildImage('one'));
    await deleteManifest(registry.url, 'team/app', 'v1');
    // A last event shows that no further one came of the deletion.
    await pushImage(registry.url, 'team/app', 'v2', buildImage('one'));
    const told = () => deliveries.flatMap((delivery) => parse(distribution, delivery).events.map(summarise));
    for (let n = 0; n < 100 && !told().some((each) => each.includes(':v2')); n++) await sleep(50);
    const [pushed, ...after] = told();
    expect(pushed).toMatch(/^pushed team\/app:v1@/);
    expect(after).toEqual(['tagDeleted team/app:v1', expect.stringMatching(/^pushed team\/app:v2@/)]);
    const [fixture] = readRecorded(import.meta.url, 'v3-delete-tag') as [Delivery];
    const isDeletion = ({ body }: Delivery) => JSON.stringify(body).includes('"action":"delete"');
    const [deletion] = deliveries.filter(isDeletion) as [Delivery];
    const targetsOf = ({ body }: Delivery) => (body as Body).events.map(({ target }) => target);
    expect(targetsOf(deletion)).toEqual(targetsOf(fixture));
    expect(deletion.headers['content-type']).toBe(fixture.headers['content-type']);
  } finally {
    await registry.stop();
    sink.close();
  }
}, 60_000);
