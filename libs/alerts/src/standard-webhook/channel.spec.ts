import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { Alert } from '#application';
import { sampleAlert, sampleServiceAlert } from '../sample-alert.fixture.js';
import { StandardWebhookChannel } from './channel.js';
import { parseSigningSecret } from './signing-secret.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
let server: Server | null = null;
afterEach(() => {
  server?.close();
});

async function received(publicUrl: string | null, alert: Alert = sampleAlert('restored')) {
  const requests: { headers: Record<string, string>; body: string }[] = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ headers: request.headers as Record<string, string>, body });
    response.end();
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const channel = new StandardWebhookChannel(
    { type: 'webhook', name: 'siem', url: `http://127.0.0.1:${port}/`, secret: SECRET, allowPrivate: true },
    { publicUrl, nowMs: Date.now },
  );
  await channel.send(alert);
  await channel.send(alert);
  return requests;
}

it('sends what the Standard Webhooks library verifies', async () => {
  const [request] = await received('https://tagwarden.example/');
  const payload = new Webhook(SECRET).verify(request!.body, request!.headers);
  expect(payload).toMatchObject({
    type: 'tagwarden.violation.restored',
    timestamp: sampleAlert('restored').at,
    data: {
      id: 'violation-1',
      dedupKey: 'incident-1',
      incident: { id: 'incident-1', members: 1, since: sampleAlert('restored').at, isMixed: false, story: null },
      resolves: true,
      links: { violation: 'https://tagwarden.example/violations/violation-1' },
    },
  });
});

it('tells of a registry under a type of its own', async () => {
  const alert = sampleServiceAlert('canaryFailed', 'The overwrite was not noticed.');
  const [request] = await received('https://tagwarden.example/', alert);
  expect(new Webhook(SECRET).verify(request!.body, request!.headers)).toEqual({
    type: 'tagwarden.service.canaryFailed',
    timestamp: alert.at,
    data: {
      dedupKey: 'canary/local',
      resolves: false,
      registry: 'local',
      sentence: 'The overwrite was not noticed.',
    },
  });
});

it('repeats the id with every attempt, and has no links without a public URL', async () => {
  const [first, second] = await received(null);
  expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  expect(JSON.parse(first!.body).data).not.toHaveProperty('links');
  expect(() => new Webhook(SECRET).verify(`${first!.body} `, first!.headers)).toThrow('No matching signature');
});

it.each(['', 'whsec_', 'whsec_short', SECRET.slice(6), 'whsec_%%%%', `whsec_${Buffer.alloc(12).toString('base64')}`])(
  'refuses the secret %p without showing it',
  (secret) => {
    expect(() => parseSigningSecret('siem', secret)).toThrow(
      /^Alert channel "siem" can't be used: its secret must be whsec_ followed/,
    );
  },
);
