import { RegistryError } from '#application';
import type { InstallContext, RegistrySubscription, SubscriptionContext, SubscriptionOutcome } from '../adapter.js';
import { leadsTo, outcomeOf, tokenOf } from '../subscription/install-steps.js';
import { misconfigured } from '../vendor-api/service-url.js';
import { findAzureIdentity } from './azure-identity.js';
import { RegistryResource, registryNameOf } from './resource-manager.js';
import { CallbackConfig, Registry, Webhook, Webhooks } from './schema.js';

const NOTES = [
  'The deletion of a single tag is never notified: the sweep finds it.',
  'A webhook is tried once. Event Grid repeats for 24 hours: prefer it where notifications may not get lost.',
];
const ACTIONS = ['push', 'delete'];
const MAX_PAGES = 100;

export const subscription: RegistrySubscription = {
  guide: (context: SubscriptionContext) => ({
    steps: [
      { title: 'A webhook of the registry', language: 'shell', text: webhookCommand(context) },
      {
        title: 'Or through Event Grid, which repeats what was not taken; the handshake is answered by itself',
        language: 'shell',
        text: eventGridCommand(context),
      },
    ],
    notes: NOTES,
  }),
  install,
};

const nameOf = (registry: string): string => `tagwarden${registry.replace(/[^a-z0-9]/g, '')}`.slice(0, 50);

const webhookCommand = ({ registry, url, webhookUrl, options }: SubscriptionContext): string =>
  [
    `az acr webhook create --registry ${registryNameOf({ url, options })} --name ${nameOf(registry)} \\`,
    `  --uri ${webhookUrl} --actions ${ACTIONS.join(' ')} \\`,
    `  --headers "Authorization=Bearer <the webhook token of ${registry}>"`,
  ].join('\n');

function eventGridCommand({ registry, url, webhookUrl, options }: SubscriptionContext): string {
  const { eventGridAudience, tenantId } = options;
  const proof =
    eventGridAudience === undefined
      ? []
      : [
          `  --azure-active-directory-tenant-id ${tenantId ?? '<tenant>'} \\`,
          `  --azure-active-directory-application-id-or-uri ${eventGridAudience} \\`,
        ];
  const endpoint =
    eventGridAudience === undefined ? `${webhookUrl}?token=<the webhook token of ${registry}>` : webhookUrl;
  return [
    `az eventgrid event-subscription create --name ${nameOf(registry)} \\`,
    `  --source-resource-id "$(az acr show --name ${registryNameOf({ url, options })} --query id --output tsv)" \\`,
    '  --included-event-types Microsoft.ContainerRegistry.ImagePushed Microsoft.ContainerRegistry.ImageDeleted \\',
    ...proof,
    `  --endpoint "${endpoint}"`,
  ].join('\n');
}

/** A webhook for the whole registry, found again by where it leads. */
async function install(context: InstallContext): Promise<SubscriptionOutcome> {
  const token = tokenOf(context);
  const identity = findAzureIdentity(context.client);
  if (identity === null) {
    throw misconfigured(
      context.registry,
      'installing a webhook needs clientId, tenantId and clientSecret (or another identity of Entra ID); a password opens the registry alone.',
    );
  }
  const resource = new RegistryResource(context.client, context.settings, identity);
  try {
    const found = await findOwn(resource, context, token);
    const outcome = found === null ? 'created' : howChanged(found);
    if (outcome !== 'unchanged') await put(resource, context, token, found);
    return outcomeOf([{ outcome, subscription: await checked(resource, context, token) }], NOTES);
  } finally {
    await resource.close();
  }
}

/** A webhook that leads to us. `isRight`: it is as we would make it. */
type Found = { readonly webhook: Webhook; readonly isRight: boolean };

const howChanged = ({ webhook, isRight }: Found) => {
  if (webhook.properties.status === 'disabled') return 'reenabled';
  return isRight ? 'unchanged' : 'updated';
};

async function findOwn(resource: RegistryResource, context: InstallContext, token: string): Promise<Found | null> {
  for await (const webhook of webhooksOf(resource, context.registry)) {
    // Where it leads and what it sends along is kept apart, since that may be secret.
    const config = await resource.ask(CallbackConfig, 'POST', `${pathOf(webhook.name)}/getCallbackConfig`);
    if (!leadsTo(config.serviceUri, context.webhookUrl)) continue;
    const { status, scope, actions } = webhook.properties;
    const hasAll = ACTIONS.every((action) => actions?.includes(action));
    const isRight = status === 'enabled' && !scope && hasAll && sends(config, token);
    return { webhook, isRight };
  }
  return null;
}

const sends = ({ customHeaders }: { customHeaders?: Record<string, string> | null | undefined }, token: string) =>
  Object.entries(customHeaders ?? {}).some(
    ([name, value]) => name.toLowerCase() === 'authorization' && value === `Bearer ${token}`,
  );

async function* webhooksOf(resource: RegistryResource, registry: string): AsyncGenerator<Webhook> {
  let page = await resource.ask(Webhooks, 'GET', '/webhooks');
  for (let read = 1; ; read++) {
    yield* page.value;
    if (!page.nextLink) return;
    if (read === MAX_PAGES) {
      const message = `The resource manager of registry "${registry}" listed more than ${MAX_PAGES} pages of webhooks.`;
      throw new RegistryError('REGISTRY_BAD_ANSWER', message);
    }
    page = await resource.askNext(Webhooks, page.nextLink);
  }
}

const pathOf = (name: string): string => `/webhooks/${encodeURIComponent(name)}`;

async function put(resource: RegistryResource, context: InstallContext, token: string, found: Found | null) {
  // It must be where the registry is, and cannot be moved.
  const location = found?.webhook.location ?? (await resource.ask(Registry, 'GET')).location;
  const properties = {
    serviceUri: context.webhookUrl,
    customHeaders: { Authorization: `Bearer ${token}` },
    status: 'enabled',
    scope: '',
    actions: [...new Set([...ACTIONS, ...(found?.webhook.properties.actions ?? [])])],
  };
  const name = found?.webhook.name ?? nameOf(context.registry);
  await resource.ask(Webhook, 'PUT', pathOf(name), { location, properties });
}

async function checked(resource: RegistryResource, context: InstallContext, token: string): Promise<string> {
  const found = await findOwn(resource, context, token);
  if (found?.isRight) return `webhook ${found.webhook.name} of ${registryNameOf(context.client)}`;
  throw new RegistryError(
    'REGISTRY_BAD_ANSWER',
    `Registry "${context.registry}" took the webhook, and yet shows it otherwise than it was sent; look at it in the portal.`,
    { retriable: true },
  );
}
