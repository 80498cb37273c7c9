import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { epochMsOf } from '#domain';
import { RECEIVED_AT } from '../adapter-contract.js';
import { FakeIssuer, unsigned } from '../sender/fake-issuer.js';
import { gar } from './adapter.js';

const audience = 'https://tagwarden.example.com/hooks/prod';
const pushServiceAccount = 'tagwarden-push@my-project.iam.gserviceaccount.com';
const configured = { audience, pushServiceAccount };
const now = epochMsOf(RECEIVED_AT) / 1000;
const claims = {
  iss: 'https://accounts.google.com',
  aud: audience,
  azp: '113774264463038321964',
  sub: '113774264463038321964',
  email: pushServiceAccount,
  email_verified: true,
  iat: now - 10,
  exp: now + 3600,
};

describe('Pub/Sub by its OpenID Connect token', () => {
  let issuer: FakeIssuer;
  let other: FakeIssuer;
  beforeAll(async () => {
    [issuer, other] = [await FakeIssuer.create(), await FakeIssuer.create()];
  });
  beforeEach(() => {
    issuer.asked.length = 0;
  });

  const judge = (authorization: string | string[] | undefined, options: Record<string, string> = configured) =>
    Promise.resolve(
      gar.authenticateSender(
        { headers: { authorization }, query: {}, body: Buffer.alloc(0), secrets: {}, options, receivedAt: RECEIVED_AT },
        issuer,
      ),
    );
  const bearer = async (changes: Record<string, unknown> = {}) =>
    `Bearer ${await issuer.token({ ...claims, ...changes })}`;

  it('lets in the configured account for the configured audience, again too, by keys of Google', async () => {
    const header = await bearer();
    expect(await judge(header)).toBe('ok');
    expect(await judge(header)).toBe('ok');
    expect(await judge(await bearer({ iss: 'accounts.google.com' }))).toBe('ok');
    expect(new Set(issuer.asked)).toEqual(new Set(['https://www.googleapis.com/oauth2/v3/certs']));
  });

  it.each<[string, Record<string, unknown>]>([
    ['another audience', { aud: 'https://other.example.com' }],
    ['no audience', { aud: undefined }],
    ['another account', { email: 'other@my-project.iam.gserviceaccount.com' }],
    ['an account that begins alike', { email: `${pushServiceAccount}.example.org` }],
    ['no account', { email: undefined }],
    ['accounts in a list', { email: [pushServiceAccount] }],
    ['an account that is not verified', { email_verified: false }],
    ['an account of which that is not said', { email_verified: undefined }],
    ['an account that is verified by a word', { email_verified: 'true' }],
    ['another issuer', { iss: 'https://accounts.google.com.example.org' }],
    ['no issuer', { iss: undefined }],
    ['a time that is over', { exp: now - 61 }],
    ['no end', { exp: undefined }],
    ['no beginning', { iat: undefined }],
  ])('refuses a token with %s', async (_, changes) => {
    expect(await judge(await bearer(changes))).toBe('refused');
  });

  it('allows clocks that are a minute apart', async () => {
    expect(await judge(await bearer({ exp: now - 59 }))).toBe('ok');
  });

  it('refuses what somebody else signed, or nobody, or another algorithm, or two at once', async () => {
    const header = await bearer();
    const [head, , signature] = header.split('.');
    const forged = `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: '1' })).toString('base64url')}.${signature}`;
    const bad = [`Bearer ${await other.token(claims)}`, `Bearer ${unsigned(claims)}`, forged, header.slice(0, -4)];
    bad.push(`Bearer ${await issuer.token(claims, { kid: 'key-2' })}`, `${header}, ${header}`);
    for (const one of bad) expect(await judge(one)).toBe('refused');
    expect(await judge([header, header])).toBe('refused');
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Bearer a.b', 'Basic YTpi', `Bearer ${'a'.repeat(20_000)}.b.c`])(
    'refuses %p without asking anybody',
    async (authorization) => {
      expect(await judge(authorization)).toBe('refused');
      expect(issuer.asked).toEqual([]);
    },
  );

  it.each([
    {},
    { audience },
    { pushServiceAccount },
    { audience: '', pushServiceAccount },
    { audience, pushServiceAccount: '' },
  ])('refuses everybody where the configuration is %p', async (options) => {
    const header = await bearer({ aud: '', email: '' });
    for (const one of [await bearer(), header])
      expect(await judge(one, options as Record<string, string>)).toBe('refused');
  });

  it('passes on that the keys cannot be had just now', async () => {
    const sender = { headers: { authorization: await bearer() }, query: {}, body: Buffer.alloc(0), secrets: {} };
    const fails = { fetchText: () => Promise.reject(new Error('down')) };
    const judged = gar.authenticateSender({ ...sender, options: configured, receivedAt: RECEIVED_AT }, fails);
    await expect(judged).rejects.toThrow('down');
  });

  it('refuses where what should be the keys is rubbish', async () => {
    const sender = { headers: { authorization: await bearer() }, query: {}, body: Buffer.alloc(0), secrets: {} };
    for (const text of ['', '{}', 'null', '{"keys":{}}']) {
      const rubbish = { fetchText: async () => text };
      const judged = gar.authenticateSender({ ...sender, options: configured, receivedAt: RECEIVED_AT }, rubbish);
      expect(await judged).toBe('refused');
    }
  });
});
