import { describe, expect, it } from '@jest/globals';
import { leadsTo, outcomeOf, type ScopeOutcome, urlWithToken } from './install-steps.js';

const hook = 'https://tagwarden.example.com/hooks/local';

describe('an address that a vendor keeps', () => {
  it.each([hook, `${hook}/`, `${hook}?token=x`, 'https://TAGWARDEN.example.com:443/hooks/local'])(
    '%s leads to the webhook',
    (address) => expect(leadsTo(address, hook)).toBe(true),
  );

  it.each([
    '',
    'nonsense',
    'http://tagwarden.example.com/hooks/local',
    'https://tagwarden.example.com/hooks/local2',
    'https://tagwarden.example.com.evil.example/hooks/local',
  ])('%p does not', (address) => expect(leadsTo(address, hook)).toBe(false));

  it('carries any token', () => {
    const token = 'a/b+c&d=e ü';
    expect(new URL(urlWithToken(hook, token)).searchParams.get('token')).toBe(token);
  });
});

describe('the outcome of several scopes', () => {
  it.each<[ScopeOutcome['outcome'][], string]>([
    [['unchanged', 'unchanged'], 'unchanged'],
    [['unchanged', 'updated'], 'updated'],
    [['reenabled', 'updated'], 'reenabled'],
    [['unchanged', 'created', 'reenabled'], 'created'],
  ])('%j is %s', (outcomes, expected) => {
    const each = outcomes.map((outcome, n) => ({ outcome, subscription: `s${n}` }));
    expect(outcomeOf(each)).toMatchObject({
      outcome: expected,
      subscriptions: each.map(({ subscription }) => subscription),
    });
  });
});
