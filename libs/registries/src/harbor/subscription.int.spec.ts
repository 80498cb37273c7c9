import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parseRegistryName } from '#domain';
import type { InstallContext } from '../adapter.js';
import { FakeHarbor, type FakeHarborOptions } from './fake-harbor.js';
import { subscription } from './subscription.js';

const account = { username: 'admin', password: 'geheim-4711' };
const webhookUrl = 'https://tagwarden.example.com/hooks/local';
const token = 'hook-token-4711';

describe('subscribing harbor', () => {
  let server: FakeHarbor;
  afterEach(async () => server.stop());

  async function setUp(fake: FakeHarborOptions = {}) {
    server = await FakeHarbor.start({ account, ...fake });
    const name = parseRegistryName('local');
    const context: InstallContext = {
      registry: name,
      url: server.url,
      webhookUrl,
      options: {},
      secrets: { token },
      client: { name, kind: 'harbor', url: server.url, timeoutMs: 2000, ...account },
      settings: { retry: { attempts: 1 } },
      scopes: ['team'],
    };
    const install = (changes: Partial<InstallContext> = {}) => subscription.install?.({ ...context, ...changes });
    const [first] = [() => server.policies.get('team')?.[0]];
    return { install, first };
  }

  it('makes a policy in each project, which brings the token, and finds it the next time', async () => {
    const { install, first } = await setUp();
    expect(await install({ scopes: ['team', 'other'] })).toMatchObject({
      outcome: 'created',
      subscriptions: [expect.stringContaining('team: webhook policy 1'), expect.stringContaining('other: ')],
    });
    expect(first()).toMatchObject({
      enabled: true,
      event_types: ['PUSH_ARTIFACT', 'DELETE_ARTIFACT', 'TAG_RETENTION', 'CREATE_TAG'],
      targets: [{ address: webhookUrl, auth_header: `Bearer ${token}`, payload_format: 'CloudEvents' }],
    });
    expect(await install()).toMatchObject({ outcome: 'unchanged' });
    expect(server.policies.get('team')).toHaveLength(1);
  });

  it('takes a project whose name is a number by its name', async () => {
    const { install } = await setUp();
    expect(await install({ scopes: ['2024'] })).toMatchObject({ outcome: 'created' });
  });

  it('switches a policy on again', async () => {
    const { install, first } = await setUp();
    await install();
    Object.assign(first() ?? {}, { enabled: false });
    expect(await install()).toMatchObject({ outcome: 'reenabled' });
    expect(first()).toMatchObject({ enabled: true });
  });

  it.each<[string, object]>([
    [
      'another token',
      { targets: [{ type: 'http', address: webhookUrl, auth_header: 'Bearer old', payload_format: 'Default' }] },
    ],
    ['an event missing', { event_types: ['PUSH_ARTIFACT'] }],
    ['another address', { targets: [{ type: 'http', address: 'https://old.example.com/hooks/local' }] }],
  ])('mends a policy with %s', async (_, damage) => {
    const { install, first } = await setUp();
    await install();
    Object.assign(first() ?? {}, damage);
    expect(await install()).toMatchObject({ outcome: 'updated' });
    expect(await install()).toMatchObject({ outcome: 'unchanged' });
    expect(server.policies.get('team')).toHaveLength(1);
  });

  it('keeps what people added', async () => {
    const { install, first } = await setUp();
    await install();
    Object.assign(first() ?? {}, { enabled: false, event_types: ['PULL_ARTIFACT'] });
    await install();
    expect(first()?.event_types).toContain('PULL_ARTIFACT');
  });

  it('asks an old release only for what it knows', async () => {
    const { install, first } = await setUp({ isOld: true });
    expect(await install()).toMatchObject({ outcome: 'created' });
    expect(first()?.event_types).toEqual(['PUSH_ARTIFACT', 'DELETE_ARTIFACT', 'TAG_RETENTION']);
    expect(await install()).toMatchObject({ outcome: 'unchanged' });
  });

  it('says what is missing: projects, a token, rights; and never a secret', async () => {
    const { install } = await setUp();
    await expect(install({ scopes: [] })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(install({ secrets: {} })).rejects.toMatchObject({ code: 'REGISTRY_MISCONFIGURED' });
    const client = {
      name: parseRegistryName('local'),
      kind: 'harbor',
      url: server.url,
      username: 'x',
      password: 'falsch-0815',
    };
    const error = await install({ client })?.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'REGISTRY_DENIED' });
    expect(inspect(error, { depth: 9 })).not.toMatch(/falsch-0815|hook-token/);
  });

  it('guides without a secret', async () => {
    const { install } = await setUp();
    await install();
    const { steps } = subscription.guide({
      registry: parseRegistryName('local'),
      url: server.url,
      webhookUrl,
      options: {},
    });
    expect(steps.map(({ text }) => text).join()).toContain(webhookUrl);
    expect(steps.map(({ text }) => text).join()).toMatch(/<the webhook token of/);
  });
});
