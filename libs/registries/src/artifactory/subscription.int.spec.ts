import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseRegistryName } from '#domain';
import type { InstallContext } from '../adapter.js';
import { FakeArtifactory } from './fake-artifactory.js';
import { subscription } from './subscription.js';

const registry = parseRegistryName('jfrog.main');
const [webhookUrl, secret, token] = [
  'https://tagwarden.example.com/hooks/jfrog.main',
  'signing-4711',
  'jf-4711-geheim',
];

describe('subscribing to Artifactory', () => {
  let fake: FakeArtifactory;
  beforeEach(async () => {
    fake = await FakeArtifactory.start([`Bearer ${token}`]);
  });
  afterEach(() => fake.stop());

  const install = (change: Partial<InstallContext> = {}, given = token) => {
    const client = { name: registry, kind: 'artifactory', url: fake.url, token: given };
    const context = {
      registry,
      url: fake.url,
      webhookUrl,
      options: {},
      secrets: { secret },
      client,
      settings: {},
      scopes: [],
    };
    return subscription.install!({ ...context, ...change });
  };

  it('makes one subscription for all local repositories, once, and writes the secret anew', async () => {
    expect(await install()).toMatchObject({ outcome: 'created', subscriptions: ['webhook tagwarden-jfrog-main'] });
    expect(await install({ secrets: { secret: 'signing-4712' } })).toMatchObject({ outcome: 'unchanged' });
    expect(fake.subscriptions).toMatchObject([
      {
        enabled: true,
        event_filter: {
          domain: 'docker',
          event_types: ['pushed', 'deleted', 'promoted'],
          criteria: { anyLocal: true, repoKeys: [] },
        },
        handlers: [{ handler_type: 'webhook', url: webhookUrl, secret: 'signing-4712', use_secret_for_signing: true }],
      },
    ]);
  });

  it.each([
    [{ scopes: ['a', 'b'] }, ['a', 'b']],
    [{ options: { repositories: 'docker-local=docker, c=' } }, ['docker-local', 'c']],
  ])('subscribes those that are named: %p', async (named, repoKeys) => {
    await install(named);
    expect(fake.subscriptions).toMatchObject([{ event_filter: { criteria: { anyLocal: false, repoKeys } } }]);
  });

  it.each<['updated' | 'reenabled', object]>([
    ['updated', { event_filter: { domain: 'docker', event_types: ['pushed'], criteria: { anyLocal: true } } }],
    ['updated', { handlers: [{ url: webhookUrl, use_secret_for_signing: false }] }],
    ['updated', { handlers: [{ url: 'https://old.example.com/hooks/jfrog.main' }] }],
    ['reenabled', { enabled: false }],
  ])('is %s where it was %p', async (outcome, change) => {
    await install();
    Object.assign(fake.subscriptions[0] ?? {}, change);
    expect(await install()).toMatchObject({ outcome });
    expect(await install()).toMatchObject({ outcome: 'unchanged' });
    expect(fake.subscriptions).toHaveLength(1);
  });

  it('takes over one of another name that leads here, and leaves others alone', async () => {
    const other = { key: 'other', enabled: true, handlers: [{ url: 'https://ci.example.com/' }] };
    const mine = { key: 'by-hand', enabled: true, handlers: [{ url: webhookUrl }] };
    fake.subscriptions.push(other, mine);
    expect(await install()).toMatchObject({ outcome: 'updated', subscriptions: ['webhook by-hand'] });
    expect(fake.subscriptions.map(({ key }) => key)).toEqual(['other', 'by-hand']);
    expect(fake.subscriptions[0]).toEqual(other);
  });

  it('needs a secret and the right to it, and repeats neither', async () => {
    await expect(install({ secrets: {} })).rejects.toMatchObject({ code: 'REGISTRY_MISCONFIGURED' });
    const denied = await install({}, 'jf-0815-falsch').catch((thrown: unknown) => thrown);
    expect(denied).toMatchObject({ code: 'REGISTRY_DENIED', status: 401 });
    expect(inspect(denied, { depth: 9 })).not.toMatch(/0815|4711/);
  });

  it('tells how to do it by hand, with the place of the secret marked', () => {
    const options = { apiUrl: 'https://acme.example.com/', repositories: 'docker-local=' };
    const { steps } = subscription.guide({ registry, url: 'https://docker.acme.example.com', webhookUrl, options });
    expect(steps[0]?.text).toContain("'https://acme.example.com/event/api/v1/subscriptions'");
    for (const part of [webhookUrl, '"docker-local"', '<the webhook secret of \\"jfrog.main\\">']) {
      expect(steps[0]?.text).toContain(part);
    }
  });
});
