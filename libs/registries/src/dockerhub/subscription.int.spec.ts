import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parseRegistryName } from '#domain';
import type { InstallContext } from '../adapter.js';
import { FakeDockerHub } from './fake-dockerhub.js';
import { subscription } from './subscription.js';

const account = { username: 'team', password: 'dckr_pat_4711' };
const webhookUrl = 'https://tagwarden.example.com/hooks/hub';
const token = 'hook-token/+4711';
const address = 'https://tagwarden.example.com/hooks/hub?token=hook-token%2F%2B4711';

describe('subscribing docker hub', () => {
  let hub: FakeDockerHub;
  afterEach(async () => hub.stop());

  async function setUp() {
    hub = await FakeDockerHub.start({ account });
    const name = parseRegistryName('hub');
    const context: InstallContext = {
      registry: name,
      url: hub.url,
      webhookUrl,
      options: {},
      secrets: { token },
      client: { name, kind: 'dockerhub', url: hub.url, timeoutMs: 2000, options: { apiUrl: hub.url }, ...account },
      settings: { retry: { attempts: 1 } },
      scopes: ['team/app'],
    };
    const install = async (changes: Partial<InstallContext> = {}) =>
      subscription.install?.({ ...context, ...changes }) ?? Promise.reject(new Error('It cannot be installed.'));
    return { install, context };
  }

  it('makes a webhook in each repository, with the token in its address, and finds it the next time', async () => {
    const { install } = await setUp();
    expect(await install({ scopes: ['team/app', 'team/web'] })).toMatchObject({
      outcome: 'created',
      subscriptions: ['team/app: webhook tagwarden-hub', 'team/web: webhook tagwarden-hub'],
    });
    expect(hub.hooks.get('team/app')?.[0]?.webhooks[0]?.hook_url).toBe(address);
    expect(await install()).toMatchObject({ outcome: 'unchanged' });
    expect(hub.hooks.get('team/app')).toHaveLength(1);
  });

  it('replaces one with another token, and leaves those of others', async () => {
    const { install } = await setUp();
    await install();
    const other = { slug: 'o', name: 'ci', webhooks: [{ name: 'ci', hook_url: 'https://ci.example.com/' }] };
    hub.hooks.get('team/app')?.push(other);
    expect(await install({ secrets: { token: 'another-one' } })).toMatchObject({ outcome: 'updated' });
    const addresses = hub.hooks.get('team/app')?.map(({ webhooks }) => webhooks[0]?.hook_url);
    expect(addresses).toEqual(['https://ci.example.com/', `${webhookUrl}?token=another-one`]);
  });

  it('says what is missing: repositories, a token, rights; and never a secret', async () => {
    const { install, context } = await setUp();
    await expect(install({ scopes: [] })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(install({ scopes: ['team'] })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(install({ secrets: {} })).rejects.toMatchObject({ code: 'REGISTRY_MISCONFIGURED' });
    const client = { ...context.client, password: 'dckr_pat_0815' };
    const error = await install({ client }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED' });
    expect(inspect(error, { depth: 9 })).not.toMatch(/dckr_pat|hook-token/);
  });

  it('guides without a secret', async () => {
    const { context } = await setUp();
    const { steps } = subscription.guide(context);
    expect(steps[0]?.text).toContain(`${webhookUrl}?token=<`);
    expect(steps[0]?.text).not.toContain('4711');
  });
});
