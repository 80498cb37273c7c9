import type { RegistrySubscription, SubscriptionContext } from '../adapter.js';

/** Topics and subscriptions are the project's infrastructure: what to paste, and nothing installed. */
export const subscription: RegistrySubscription = {
  guide: (context: SubscriptionContext) => ({
    steps: [
      { title: 'In the project of the registry', language: 'shell', text: commands(context) },
      { title: 'Or with Terraform', language: 'terraform', text: terraform(context) },
    ],
    notes: [
      'One topic carries what happens in all locations of a project: notifications about another host than this registry’s are ignored.',
      'Leave payload unwrapping off, and the content as Pub/Sub sends it by default.',
      'audience and pushServiceAccount in tagwarden.yaml must be those of the subscription; nothing else is let in.',
      'Nobody is named as the one who did it; the audit log does.',
    ],
  }),
};

const accountOf = ({ options }: SubscriptionContext): string =>
  options.pushServiceAccount ?? 'tagwarden-push@<project>.iam.gserviceaccount.com';
const projectOf = ({ options }: SubscriptionContext): string => options.project ?? '<project>';
const nameOf = ({ registry }: SubscriptionContext): string => `tagwarden-${registry}`;

function commands(context: SubscriptionContext): string {
  const project = projectOf(context);
  const audience = context.options.audience ?? context.webhookUrl;
  return [
    `gcloud pubsub topics create gcr --project=${project} # unless it is there`,
    `gcloud pubsub subscriptions create ${nameOf(context)} --project=${project} --topic=gcr \\`,
    `  --push-endpoint=${context.webhookUrl} \\`,
    `  --push-auth-service-account=${accountOf(context)} \\`,
    `  --push-auth-token-audience=${audience} \\`,
    '  --ack-deadline=10 --min-retry-delay=10s --max-retry-delay=600s',
  ].join('\n');
}

function terraform(context: SubscriptionContext): string {
  return [
    'resource "google_pubsub_subscription" "tagwarden" {',
    `  project = "${projectOf(context)}"`,
    `  name    = "${nameOf(context)}"`,
    '  topic   = "gcr"',
    '  push_config {',
    `    push_endpoint = "${context.webhookUrl}"`,
    '    oidc_token {',
    `      service_account_email = "${accountOf(context)}"`,
    `      audience              = "${context.options.audience ?? context.webhookUrl}"`,
    '    }',
    '  }',
    '}',
  ].join('\n');
}
