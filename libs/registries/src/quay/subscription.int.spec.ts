import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parseRegistryName } from '#domain';
import type { InstallContext } from '../adapter.js';
import { type FakeNotification, FakeQuay } from './fake-quay.js';
import { subscription } from './subscription.js';

const apiToken = 'oauth-4711';
const webhookUrl = 'https://tagwarden.example.com/hooks/quay';
const token = 'hook-token-4711';

describe('subscribing quay', () => {
  let server: FakeQuay;
  afterEach(async () => server.stop());

  async function setUp() {
    server = await FakeQuay.start({ apiToken });
    const name = parseRegistryName('quay');
    const context: InstallContext = {
      registry: name,
      url: server.url,
      webhookUrl,
      options: {},
      secrets: { token },
      client: { name, kind: 'quay', url: server.url, timeoutMs: 2000, secretOptions: { apiToken } },
      settings: { retry: { attempts: 1 } },
      scopes: ['team/app'],
    };
    const install = async (changes: Partial<InstallContext> = {}) =>
      subscription.install?.({ ...context, ...changes }) ?? Promise.reject(new Error('It cannot be installed.'));
    const kept = () => server.notifications.get('team/app') ?? [];
    return { install, context, kept };
  }

  it('makes a notification in each repository, with the token in its address, and finds it the next time', async () => {
    const { install, kept } = await setUp();
    expect(await install({ scopes: ['team/app', 'team/app/web'] })).toMatchObject({
      outcome: 'created',
      subscriptions: [expect.stringMatching(/^team\/app: /), expect.stringMatching(/^team\/app\/web: /)],
    });
    expect(kept()).toMatchObject([
      { event: 'repo_push', method: 'webhook', config: { url: `${webhookUrl}?token=${token}` }, event_config: {} },
    ]);
    expect(await install()).toMatchObject({ outcome: 'unchanged' });
    expect(kept()).toHaveLength(1);
  });

  it('switches on again what Quay has muted', async () => {
    const { install, kept } = await setUp();
    await install();
    for (const each of kept()) each.number_of_failures = 3;
    expect(await install()).toMatchObject({ outcome: 'reenabled' });
    expect(kept()).toMatchObject([{ number_of_failures: 0 }]);
  });

  it('leaves one that has failed less often as it is', async () => {
    const { install, kept } = await setUp();
    await install();
    for (const each of kept()) each.number_of_failures = 2;
    expect(await install()).toMatchObject({ outcome: 'unchanged' });
  });

  it.each([
    ['another token', { url: `${webhookUrl}?token=old` }],
    ['a template', { url: `${webhookUrl}?token=${token}`, template: '{"text":"x"}' }],
  ])('replaces one with %s, and leaves those of others', async (_, config) => {
    const { install, kept } = await setUp();
    await install();
    for (const each of kept()) each.config = config;
    const [own] = kept() as [FakeNotification];
    const other = { ...own, uuid: 'o', config: { url: 'https://ci.example.com/' } };
    kept().push(other);
    expect(await install()).toMatchObject({ outcome: 'updated' });
    expect(kept().map((each) => each.config)).toEqual([other.config, { url: `${webhookUrl}?token=${token}` }]);
  });

  it('says what is missing: repositories, a token, rights; and never a secret', async () => {
    const { install, context } = await setUp();
    await expect(install({ scopes: [] })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(install({ secrets: {} })).rejects.toMatchObject({ code: 'REGISTRY_MISCONFIGURED' });
    const client = { ...context.client, secretOptions: { apiToken: 'oauth-0815' } };
    const error = await install({ client }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED' });
    expect(inspect(error, { depth: 9 })).not.toMatch(/oauth-0815|hook-token/);
  });

  it("passes on Quay's own words where it refuses the address", async () => {
    const { install } = await setUp();
    const refused = install({ webhookUrl: 'http://127.0.0.1:8080/hooks/quay' });
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining('Invalid webhook URL') });
  });

  it('guides without a secret', async () => {
    const { context } = await setUp();
    const { steps } = subscription.guide(context);
    expect(steps[0]?.text).toContain(`${webhookUrl}?token=<`);
    expect(steps[0]?.text).not.toContain('4711');
  });
});
