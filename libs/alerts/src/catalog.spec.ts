import { readdirSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { createAlertChannels } from './catalog.js';
import type { ChannelConfig } from './channel-config.js';

const slack: ChannelConfig = {
  type: 'slack',
  name: 'ops',
  url: 'https://hooks.slack.com/services/T0000000/tokentoken',
};
const webhook: ChannelConfig = {
  type: 'webhook',
  name: 'siem',
  url: 'https://siem.example.com/hook',
  secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
};

it('knows every folder of channels', () => {
  const folders = readdirSync('libs/alerts/src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const channels = createAlertChannels([slack, webhook]).list();
  expect(channels.map(({ channel }) => channel.constructor.name)).toEqual(['SlackChannel', 'StandardWebhookChannel']);
  expect(folders.map(({ name }) => name).sort()).toEqual(['slack', 'standard-webhook']);
});

it('tells people everything but the beginning of a restoration, and programs everything, unless asked otherwise', () => {
  const [people, programs, chosen] = createAlertChannels([
    slack,
    webhook,
    { ...slack, name: 'c', on: ['failed'] },
  ]).list();
  expect(people?.on.has('restoring')).toBe(false);
  expect(people?.on.has('fight')).toBe(true);
  expect(programs?.on.has('restoring')).toBe(true);
  expect([...(chosen?.on ?? [])]).toEqual(['failed']);
});

it.each<[string, Partial<ChannelConfig>, RegExp]>([
  ['no URL', { url: 'hooks.slack.com/x' }, /must be an http/],
  ['another scheme', { url: 'file:///etc/passwd' }, /must be an http/],
  ['credentials in the URL', { url: 'https://user:secretpass@x.example/' }, /user name or password/],
  [
    'a loopback address',
    { url: 'http://127.0.0.1:9000/secretpath' },
    /127\.0\.0\.1:9000 is a private address.*allowPrivate: true/,
  ],
  ['localhost', { url: 'http://localhost:9000/secretpath' }, /private address/],
  ['a hexadecimal host', { url: 'http://0xa000001/secretpath' }, /http:\/\/10\.0\.0\.1 is a private address/],
])('refuses %s at start, and keeps the URL to itself', (_what, change, expected) => {
  const create = () => createAlertChannels([{ ...slack, ...change } as ChannelConfig]);
  expect(create).toThrow(expected);
  expect(create).toThrow(
    expect.objectContaining({ code: 'ALERT_CHANNEL_MISCONFIGURED', message: expect.not.stringMatching(/secret/) }),
  );
});

it('takes a private address where it is allowed', () => {
  expect(createAlertChannels([{ ...slack, url: 'http://127.0.0.1:9000/', allowPrivate: true }]).list()).toHaveLength(1);
});

it('refuses two channels of one name', () => {
  expect(() => createAlertChannels([slack, slack])).toThrow('"ops" can\'t be used: two channels have this name');
});
