import { expect, it } from '@jest/globals';
import { parseRegistryName } from '#domain';
import { subscription } from './subscription.js';

it('tells where notifications go and where the token belongs, in both ways to configure', () => {
  const webhookUrl = 'https://tagwarden.example.com/hooks/local';
  const context = {
    registry: parseRegistryName('local'),
    url: 'https://registry.example.com',
    webhookUrl,
    options: {},
  };
  const { steps } = subscription.guide(context);
  expect(steps.map(({ language }) => language)).toEqual(['text', 'yaml']);
  for (const { text } of steps) {
    expect(text).toContain(webhookUrl);
    expect(text).toContain(`['<the webhook token of "local">']`);
  }
});

it('is set in files alone, so there is nothing to install', () => {
  expect(subscription.install).toBeUndefined();
});
