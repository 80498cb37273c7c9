import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { epochMsOf } from '#domain';
import { RECEIVED_AT } from '../adapter-contract.js';
import { FakeIssuer, unsigned } from '../sender/fake-issuer.js';
import { acr } from './adapter.js';

const tenantId = '409520d4-8100-4d1d-ad47-72432ddcc120';
const eventGridAudience = 'api://tagwarden';
const now = epochMsOf(RECEIVED_AT) / 1000;
const claims = {
  iss: `https://login.microsoftonline.com/${tenantId}/v2.0`,
  aud: eventGridAudience,
  azp: '4962773b-9cdb-44cf-a8bf-237846a00ab7',
  iat: now - 10,
  nbf: now - 10,
  exp: now + 3600,
};

describe('Event Grid by a token of Entra ID', () => {
  let issuer: FakeIssuer;
  let other: FakeIssuer;
  beforeAll(async () => {
    [issuer, other] = [await FakeIssuer.create(), await FakeIssuer.create()];
  });
  beforeEach(() => {
    issuer.asked.length = 0;
  });

  const judge = (token: string | string[], options: Record<string, string> = { tenantId, eventGridAudience }) => {
    const authorization = Array.isArray(token) ? token : `Bearer ${token}`;
    const sender = { headers: { authorization }, query: {}, body: Buffer.alloc(0), secrets: { token: 'hook-4711' } };
    return Promise.resolve(acr.authenticateSender({ ...sender, options, receivedAt: RECEIVED_AT }, issuer));
  };

  it('lets in Event Grid with a token of either version, and asks its tenant for the keys', async () => {
    const { azp, ...rest } = claims;
    const older = { ...rest, iss: `https://sts.windows.net/${tenantId}/`, appid: azp };
    expect(await judge(await issuer.token(claims))).toBe('ok');
    expect(await judge(await issuer.token(claims))).toBe('ok');
    expect(await judge(await issuer.token(older))).toBe('ok');
    expect(new Set(issuer.asked)).toEqual(
      new Set([`https://login.microsoftonline.com/${tenantId}/discovery/v2.0/keys`]),
    );
  });

  it.each<[string, Record<string, unknown>]>([
    ['another audience', { aud: 'api://other' }],
    ['no audience', { aud: undefined }],
    ['another tenant', { iss: 'https://login.microsoftonline.com/00000000-8100-4d1d-ad47-72432ddcc120/v2.0' }],
    ['another issuer', { iss: 'https://example.org/' }],
    ['another application of the tenant', { azp: '11111111-9cdb-44cf-a8bf-237846a00ab7' }],
    ['no application', { azp: undefined }],
    ['a time that is over', { exp: now - 61 }],
    ['no end', { exp: undefined }],
    ['a time to come', { nbf: now + 61 }],
  ])('refuses a token with %s', async (_, changes) => {
    expect(await judge(await issuer.token({ ...claims, ...changes }))).toBe('refused');
  });

  it.each([{ exp: now - 59 }, { nbf: now + 59 }])('allows clocks that are a minute apart: %p', async (changes) => {
    expect(await judge(await issuer.token({ ...claims, ...changes }))).toBe('ok');
  });

  it('refuses what somebody else signed, or nobody, or two at once', async () => {
    const token = await issuer.token(claims);
    const forged = `${token.split('.')[0]}.${Buffer.from(JSON.stringify({ ...claims, aud: 'x' })).toString('base64url')}.${token.split('.')[2]}`;
    for (const bad of [await other.token(claims), unsigned(claims), forged, token.slice(0, -4), '', 'a.b.c']) {
      expect(await judge(bad)).toBe('refused');
    }
    expect(await judge([`Bearer ${token}`, `Bearer ${token}`])).toBe('refused');
  });

  it.each([
    {},
    { tenantId },
    { eventGridAudience },
    { tenantId: '../x', eventGridAudience },
    { tenantId, eventGridAudience: '' },
  ])('asks nobody where the configuration is %p', async (options) => {
    expect(await judge(await issuer.token(claims), options as Record<string, string>)).toBe('refused');
    expect(issuer.asked).toEqual([]);
  });

  it('takes the webhook token as well', async () => {
    expect(await judge('hook-4711')).toBe('ok');
    expect(issuer.asked).toEqual([]);
  });
});
