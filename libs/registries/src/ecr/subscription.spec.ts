import { describe, expect, it } from '@jest/globals';
import { parseRegistryName } from '#domain';
import { ecr } from './adapter.js';

const context = {
  registry: parseRegistryName('prod'),
  url: 'https://123456789012.dkr.ecr.eu-west-1.amazonaws.com',
  webhookUrl: 'https://tagwarden.example.com/hooks/prod',
};
const textOf = (options: Record<string, string>) =>
  ecr.subscription
    .guide({ ...context, options })
    .steps.map(({ text }) => text)
    .join('\n');

describe('how to subscribe an ECR registry', () => {
  it('is an API destination that sends the token, whose place is marked', () => {
    const text = textOf({});
    expect(text).toContain(`invocation_endpoint = "${context.webhookUrl}"`);
    expect(text).toContain('password = "<the webhook token of prod>"');
    expect(text).toContain('"ECR Image Action"');
  });

  it('is a topic where one is configured', () => {
    const topicArn = 'arn:aws:sns:eu-west-1:123456789012:tagwarden';
    const text = textOf({ topicArn });
    expect(text).toContain(`--topic-arn ${topicArn} --protocol https --notification-endpoint ${context.webhookUrl}`);
    expect(text).not.toContain('aws_cloudwatch_event_connection');
  });
});
