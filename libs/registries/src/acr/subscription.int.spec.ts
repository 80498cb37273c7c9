import { afterEach, describe, expect, it } from '@jest/globals';
import { parseRegistryName } from '#domain';
import type { InstallContext } from '../adapter.js';
import { acr } from './adapter.js';
import { FAKE_APP, FAKE_RESOURCE, FakeAcr } from './fake-acr.js';

const { clientSecret, ...app } = FAKE_APP;
const registry = parseRegistryName('prod');
const webhookUrl = 'https://tagwarden.example.com/hooks/prod';

describe('how to subscribe an ACR registry', () => {
  const about = { registry, url: 'https://reg.azurecr.io', webhookUrl };
  const textOf = (options: Record<string, string>) =>
    acr.subscription.guide({ ...about, options }).steps.map(({ text }) => text);

  it('is a webhook with the token in a header, or Event Grid with the token in the address', () => {
    const [webhook, grid] = textOf({});
    expect(webhook).toContain('az acr webhook create --registry reg --name tagwardenprod');
    expect(webhook).toContain('--headers "Authorization=Bearer <the webhook token of prod>"');
    expect(grid).toContain(`--endpoint "${webhookUrl}?token=<the webhook token of prod>"`);
  });

  it('is Event Grid with a token of Entra ID where its audience is configured', () => {
    const [, grid] = textOf({ eventGridAudience: 'api://tagwarden', tenantId: app.tenantId });
    expect(grid).toContain('--azure-active-directory-application-id-or-uri api://tagwarden');
    expect(grid).not.toContain('token=');
  });
});

describe('subscribing an ACR registry', () => {
  let fake: FakeAcr;
  afterEach(() => fake.stop());

  async function setUp() {
    fake = await FakeAcr.start();
    const options = { ...app, ...FAKE_RESOURCE, loginUrl: fake.url, managementUrl: fake.url };
    const context: InstallContext = {
      registry,
      url: fake.url,
      webhookUrl,
      options,
      secrets: { token: 'hook-4711' },
      client: { name: registry, kind: 'acr', url: fake.url, options, secretOptions: { clientSecret } },
      settings: {},
      scopes: [],
    };
    return (changes: Partial<InstallContext> = {}) => acr.subscription.install?.({ ...context, ...changes });
  }

  it('makes one webhook for the whole registry, and finds it the next time, behind others too', async () => {
    const install = await setUp();
    const properties = {
      status: 'enabled',
      scope: '',
      actions: ['push'],
      serviceUri: 'https://x.example/',
      customHeaders: {},
    };
    fake.webhooks.push({ name: 'other', location: 'westeurope', properties });
    const subscriptions = ['webhook tagwardenprod of reg'];
    expect(await install()).toMatchObject({ outcome: 'created', subscriptions });
    expect(await install()).toMatchObject({ outcome: 'unchanged', subscriptions });
    expect(fake.webhooks.slice(1)).toEqual([
      {
        name: 'tagwardenprod',
        location: 'westeurope',
        properties: {
          status: 'enabled',
          scope: '',
          actions: ['push', 'delete'],
          serviceUri: webhookUrl,
          customHeaders: { Authorization: 'Bearer hook-4711' },
        },
      },
    ]);
  });

  it.each<[string, 'reenabled' | 'updated', object]>([
    ['was switched off', 'reenabled', { status: 'disabled' }],
    ['is for one repository', 'updated', { scope: 'team/app:*' }],
    ['lacks an action', 'updated', { actions: ['push'] }],
    ['sends another token', 'updated', { customHeaders: { authorization: 'Bearer old' } }],
  ])('puts a webhook right that %s', async (_, outcome, changes) => {
    const install = await setUp();
    await install();
    Object.assign(fake.webhooks[0]?.properties ?? {}, changes);
    expect(await install()).toMatchObject({ outcome });
    expect(await install()).toMatchObject({ outcome: 'unchanged' });
  });

  it('does not believe an answer: it reads the webhook back', async () => {
    const install = await setUp();
    fake.distort = (webhook) => ({ ...webhook, properties: { ...webhook.properties, actions: ['push'] } });
    await expect(install()).rejects.toThrow('shows it otherwise');
  });

  it.each<[string, Partial<InstallContext>, string]>([
    ['a webhook token', { secrets: {} }, 'webhook token'],
    ['an application', { client: { name: registry, kind: 'acr', url: 'https://reg.azurecr.io' } }, 'clientId'],
    [
      'its resource group',
      {
        client: {
          name: registry,
          kind: 'acr',
          url: 'https://reg.azurecr.io',
          options: app,
          secretOptions: { clientSecret },
        },
      },
      'resourceGroup',
    ],
  ])('says that it needs %s', async (_, changes, what) => {
    const install = await setUp();
    await expect(install(changes)).rejects.toThrow(what);
  });
});
