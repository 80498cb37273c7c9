import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseRegistryName } from '#domain';
import type { InstallContext, RegistryClientOptions } from '../adapter.js';
import { FakeGitea } from './fake-gitea.js';
import { subscription } from './subscription.js';

const registry = parseRegistryName('git');
const [webhookUrl, secret] = ['https://tagwarden.example.com/hooks/git', 'signing-4711'];
const account = { username: 'ci', password: 'pat-4711-geheim' };
const basic = `Basic ${Buffer.from('ci:pat-4711-geheim').toString('base64')}`;

describe('subscribing to Gitea', () => {
  let fake: FakeGitea;
  beforeEach(async () => {
    fake = await FakeGitea.start([basic, 'token pat-4711-geheim']);
  });
  afterEach(() => fake.stop());

  const install = (change: Partial<InstallContext> = {}, credentials: Partial<RegistryClientOptions> = account) => {
    const client = { name: registry, kind: 'gitea', url: fake.url, ...credentials };
    const context = {
      registry,
      url: fake.url,
      webhookUrl,
      options: {},
      secrets: { secret },
      client,
      settings: {},
      scopes: ['acme'],
    };
    return subscription.install!({ ...context, ...change });
  };

  it('makes one webhook for an organisation, a repository and its own account, once', async () => {
    const scopes = ['acme', 'someone/app', 'ci'];
    expect(await install({ scopes })).toMatchObject({
      outcome: 'created',
      subscriptions: expect.arrayContaining(['acme: webhook 1']),
    });
    expect(await install({ scopes })).toMatchObject({ outcome: 'unchanged' });
    expect([...fake.hooks].map(([place, hooks]) => [place, hooks.length])).toEqual([
      ['orgs/acme', 1],
      ['repos/someone/app', 1],
      ['user', 1],
    ]);
    expect(fake.hooks.get('orgs/acme')).toMatchObject([
      { type: 'gitea', active: true, events: ['package'], config: { url: webhookUrl, content_type: 'json', secret } },
    ]);
  });

  it.each<Partial<RegistryClientOptions>>([
    { token: account.password },
    { username: 'other', password: 'other', secretOptions: { apiToken: account.password } },
  ])('sends a token as one: %p', async (credentials) => {
    expect(await install({}, credentials)).toMatchObject({ outcome: 'created' });
  });

  it.each<['updated' | 'reenabled', object]>([
    ['updated', { events: ['push'] }],
    ['updated', { config: { url: webhookUrl, content_type: 'form' } }],
    ['reenabled', { active: false }],
  ])('is %s where it was %p, also on a later page', async (outcome, change) => {
    const other = (id: number) => ({
      id,
      type: 'slack',
      active: true,
      events: ['push'],
      config: { url: 'https://other.example.com/' },
    });
    fake.hooks.set('orgs/acme', [other(7), other(8), other(9)]);
    await install();
    Object.assign(fake.hooks.get('orgs/acme')?.[3] ?? {}, change);
    expect(await install()).toMatchObject({ outcome });
    expect(await install()).toMatchObject({ outcome: 'unchanged' });
    expect(fake.hooks.get('orgs/acme')).toHaveLength(4);
  });

  it('needs a scope that is there, a secret and the right to it, and repeats no secret', async () => {
    await expect(install({ scopes: [] })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(install({ secrets: {} })).rejects.toMatchObject({ code: 'REGISTRY_MISCONFIGURED' });
    await expect(install({ scopes: ['nobody'] })).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: expect.stringContaining('no organisation "nobody"'),
    });
    const denied = await install({}, { ...account, password: 'pat-0815-falsch' }).catch((thrown: unknown) => thrown);
    expect(denied).toMatchObject({ code: 'REGISTRY_DENIED', status: 401 });
    expect(inspect(denied, { depth: 9 })).not.toMatch(/0815|4711/);
  });

  it('tells how to do it by hand, with the place of the secret marked', () => {
    const { steps } = subscription.guide({ registry, url: 'https://git.example.com', webhookUrl, options: {} });
    expect(steps[0]?.text).toContain('https://git.example.com/api/v1/orgs/<organisation>/hooks');
    expect(steps[0]?.text).toContain(webhookUrl);
    expect(steps[0]?.text).toContain('<the webhook secret of \\"git\\">');
  });
});
