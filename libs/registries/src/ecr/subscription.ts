import type { RegistrySubscription, SubscriptionContext, SubscriptionStep } from '../adapter.js';
import { findRegistryHost } from './registry-host.js';

/** EventBridge's rules and SNS's topics are the account's infrastructure: what to paste, and nothing installed. */
export const subscription: RegistrySubscription = {
  guide: (context) => ({
    steps: context.options.topicArn === undefined ? apiDestination(context) : topic(context, context.options.topicArn),
    notes: [
      'Events are sent on a best-effort basis: the sweep finds what never came.',
      'An image goes with its last tag: Tagwarden puts the kept manifest back as long as its layers are there.',
      'No event names who did it; CloudTrail does.',
      'Without webhook.token and without topicArn in tagwarden.yaml every notification is refused.',
    ],
  }),
};

const PATTERN = {
  source: ['aws.ecr'],
  'detail-type': ['ECR Image Action', 'ECR Replication Action', 'ECR Pull Through Cache Action'],
};

function apiDestination({ registry, url, webhookUrl }: SubscriptionContext): SubscriptionStep[] {
  const region = findRegistryHost(url)?.region ?? '<region>';
  const terraform = [
    'resource "aws_cloudwatch_event_rule" "tagwarden" {',
    '  name          = "tagwarden"',
    `  event_pattern = jsonencode(${hcl(PATTERN)})`,
    '}',
    'resource "aws_cloudwatch_event_connection" "tagwarden" {',
    '  name               = "tagwarden"',
    '  authorization_type = "BASIC"',
    '  auth_parameters {',
    '    basic {',
    '      username = "tagwarden"',
    `      password = "<the webhook token of ${registry}>"`,
    '    }',
    '  }',
    '}',
    'resource "aws_cloudwatch_event_api_destination" "tagwarden" {',
    '  name                = "tagwarden"',
    '  http_method         = "POST"',
    `  invocation_endpoint = "${webhookUrl}"`,
    '  connection_arn      = aws_cloudwatch_event_connection.tagwarden.arn',
    '}',
    'resource "aws_iam_role" "tagwarden" {',
    '  name               = "tagwarden-events"',
    '  assume_role_policy = jsonencode({',
    '    Version   = "2012-10-17"',
    '    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "events.amazonaws.com" } }]',
    '  })',
    '}',
    'resource "aws_iam_role_policy" "tagwarden" {',
    '  role   = aws_iam_role.tagwarden.id',
    '  policy = jsonencode({',
    '    Version   = "2012-10-17"',
    '    Statement = [{ Effect = "Allow", Action = "events:InvokeApiDestination", Resource = aws_cloudwatch_event_api_destination.tagwarden.arn }]',
    '  })',
    '}',
    'resource "aws_cloudwatch_event_target" "tagwarden" {',
    '  rule     = aws_cloudwatch_event_rule.tagwarden.name',
    '  arn      = aws_cloudwatch_event_api_destination.tagwarden.arn',
    '  role_arn = aws_iam_role.tagwarden.arn',
    '}',
  ];
  return [
    {
      title: `Through EventBridge, in the registry's account and region ${region}`,
      language: 'terraform',
      text: terraform.join('\n'),
    },
    {
      title: 'Or through SNS: set topicArn of this registry in tagwarden.yaml to',
      language: 'text',
      text: `arn:aws:sns:${region}:<account>:tagwarden`,
    },
  ];
}

function topic({ webhookUrl }: SubscriptionContext, topicArn: string): SubscriptionStep[] {
  const region = topicArn.split(':')[3] ?? '<region>';
  const commands = [
    `aws sns set-topic-attributes --region ${region} --topic-arn ${topicArn} --attribute-name SignatureVersion --attribute-value 2`,
    `aws events put-rule --region ${region} --name tagwarden --event-pattern '${JSON.stringify(PATTERN)}'`,
    `aws events put-targets --region ${region} --rule tagwarden --targets Id=tagwarden,Arn=${topicArn}`,
    `aws sns subscribe --region ${region} --topic-arn ${topicArn} --protocol https --notification-endpoint ${webhookUrl}`,
  ];
  return [
    {
      title: 'Through SNS; Tagwarden confirms the subscription by itself',
      language: 'shell',
      text: commands.join('\n'),
    },
    {
      title: "In the topic's access policy, so that EventBridge may publish",
      language: 'json',
      text: JSON.stringify(
        { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sns:Publish', Resource: topicArn },
        null,
        2,
      ),
    },
  ];
}

const hcl = ({ source, 'detail-type': types }: typeof PATTERN): string =>
  `{ source = ${JSON.stringify(source)}, "detail-type" = ${JSON.stringify(types)} }`;
