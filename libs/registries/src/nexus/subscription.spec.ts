import { expect, it } from '@jest/globals';
import { parseRegistryName } from '#domain';
import { subscription } from './subscription.js';

it('tells where notifications go and where the secret belongs', () => {
  const webhookUrl = 'https://tagwarden.example.com/hooks/local';
  const context = { registry: parseRegistryName('local'), url: 'https://docker.example.com', webhookUrl, options: {} };
  const [capability, configuration] = subscription.guide(context).steps;
  expect(capability?.text).toContain(webhookUrl);
  expect(capability?.text).toContain('<the webhook secret of "local">');
  expect(configuration).toMatchObject({ language: 'yaml', text: expect.stringContaining('repositories:') });
});

it('is made by hand alone', () => {
  expect(subscription.install).toBeUndefined();
});
