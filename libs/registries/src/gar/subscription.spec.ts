import { describe, expect, it } from '@jest/globals';
import { parseRegistryName } from '#domain';
import { gar } from './adapter.js';

describe('how to subscribe a GAR registry', () => {
  it('is a push subscription whose token is for the audience and of the account that are let in', () => {
    const webhookUrl = 'https://tagwarden.example.com/hooks/prod';
    const options = { audience: 'https://tagwarden.example.com', pushServiceAccount: 'push@p.iam.gserviceaccount.com' };
    const about = { registry: parseRegistryName('prod'), url: 'https://europe-docker.pkg.dev', webhookUrl };
    const { steps } = gar.subscription.guide({ ...about, options: { ...options, project: 'p' } });
    for (const { text } of steps) {
      for (const part of [webhookUrl, options.audience, options.pushServiceAccount, 'gcr'])
        expect(text).toContain(part);
    }
    expect(steps[0]?.text).toContain('gcloud pubsub subscriptions create tagwarden-prod --project=p --topic=gcr');
  });
});
