import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseRegistryName } from '#domain';
import type { InstallContext } from '../adapter.js';
import { FakeGhcr } from './fake-ghcr.js';
import { subscription } from './subscription.js';

const registry = parseRegistryName('github');
const [webhookUrl, secret, token] = ['https://tagwarden.example.com/hooks/github', 'signing-4711', 'ghp_4711geheim'];

describe('subscribing to GitHub', () => {
  let fake: FakeGhcr;
  beforeEach(async () => {
    fake = await FakeGhcr.start({ token });
  });
  afterEach(() => fake.stop());

  const install = (change: Partial<InstallContext> = {}) => {
    const options = { apiUrl: fake.url };
    const client = { name: registry, kind: 'ghcr', url: fake.url, token, options };
    const context = {
      registry,
      url: fake.url,
      webhookUrl,
      options,
      secrets: { secret },
      client,
      settings: {},
      scopes: ['acme'],
    };
    return subscription.install!({ ...context, ...change });
  };

  it('makes one webhook in each place, once', async () => {
    const scopes = ['acme', 'someone/app', 'acme'];
    expect(await install({ scopes })).toMatchObject({
      outcome: 'created',
      subscriptions: [
        expect.stringMatching(/^acme: webhook \d+$/),
        expect.stringMatching(/^someone\/app: webhook \d+$/),
      ],
    });
    expect(await install({ scopes })).toMatchObject({ outcome: 'unchanged' });
    expect([...fake.hooks].map(([place, hooks]) => [place, hooks.length])).toEqual([
      ['orgs/acme', 1],
      ['repos/someone/app', 1],
    ]);
    expect(fake.hooks.get('orgs/acme')).toMatchObject([
      {
        active: true,
        events: ['package'],
        config: { url: webhookUrl, content_type: 'json', insecure_ssl: '0', secret },
      },
    ]);
  });

  it.each<['updated' | 'reenabled', object]>([
    ['updated', { events: ['push'] }],
    ['updated', { config: { url: webhookUrl, content_type: 'form', insecure_ssl: '1' } }],
    ['reenabled', { active: false }],
  ])('is %s where it was %p', async (outcome, change) => {
    await install();
    Object.assign(fake.hooks.get('orgs/acme')?.[0] ?? {}, change);
    expect(await install()).toMatchObject({ outcome });
    expect(await install()).toMatchObject({ outcome: 'unchanged' });
  });

  it('sends the secret anew, which GitHub does not show, and leaves others alone', async () => {
    const other = { id: 7, active: true, events: ['push'], config: { url: 'https://ci.example.com/hooks/github' } };
    fake.hooks.set('orgs/acme', [other]);
    await install();
    await install({ secrets: { secret: 'signing-4712' } });
    expect(fake.hooks.get('orgs/acme')).toMatchObject([other, { config: { secret: 'signing-4712' } }]);
  });

  it('needs a scope and a secret', async () => {
    await expect(install({ scopes: [] })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(install({ secrets: {} })).rejects.toMatchObject({ code: 'REGISTRY_MISCONFIGURED' });
  });

  it('says that it may not, or that there is no such organisation, and repeats no secret', async () => {
    const client = {
      name: registry,
      kind: 'ghcr',
      url: fake.url,
      token: 'ghp_of_nobody',
      options: { apiUrl: fake.url },
    };
    const denied = await install({ client }).catch((thrown: unknown) => thrown);
    const unknown = await install({ scopes: ['nowhere'] }).catch((thrown: unknown) => thrown);
    expect(denied).toMatchObject({ code: 'REGISTRY_DENIED', status: 401 });
    expect(unknown).toMatchObject({ code: 'REGISTRY_REFUSED', status: 404 });
    expect(inspect([denied, unknown], { depth: 9 })).not.toMatch(/ghp_|4711/);
  });

  it('tells how to do it by hand, with the place of the secret marked', () => {
    const { steps } = subscription.guide({ registry, url: 'https://ghcr.io', webhookUrl, options: {} });
    const text = steps[0]?.text;
    expect(text).toContain('https://api.github.com/orgs/<organisation>/hooks');
    expect(text).toContain(webhookUrl);
    expect(text).toContain('<the webhook secret of \\"github\\">');
  });
});
