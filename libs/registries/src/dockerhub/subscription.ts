import { DomainError } from '#domain';
import type { InstallContext, RegistrySubscription } from '../adapter.js';
import {
  installEach,
  leadsTo,
  type ScopeOutcome,
  scopesOf,
  tokenOf,
  urlWithToken,
} from '../subscription/install-steps.js';
import { HubApi } from './hub-api.js';
import { type HubWebhook, WebhookPage } from './schema.js';

const NOTES = [
  'The Hub can send no header, so the token is in the address: use it for nothing else, and keep it out of the logs of proxies.',
  'It tells of pushes alone, without a digest; Tagwarden asks the registry by HEAD, which counts against no limit. Deletions are found by the sweep.',
  'Whether the Hub tries again is not documented: the sweep finds what got lost.',
];

export const subscription: RegistrySubscription = {
  guide: ({ registry, webhookUrl }) => ({
    steps: [
      {
        title: 'On hub.docker.com, in each repository: Webhooks',
        language: 'text',
        text: [
          `Webhook name: tagwarden-${registry}`,
          `Webhook URL:  ${webhookUrl}?token=<the webhook token of "${registry}", percent-encoded>`,
        ].join('\n'),
      },
    ],
    notes: NOTES,
  }),
  install,
};

/** One webhook in each repository that `scopes` names. */
async function install(context: InstallContext) {
  const repositories = scopesOf(context, 'repositories, such as acme/app,').map((name) => pathOf(name));
  const token = tokenOf(context);
  const api = new HubApi(context.client, context.settings, [token]);
  return installEach(api, repositories, NOTES, (_, repository) => installIn(api, repository, context, token));
}

function pathOf(name: string): string {
  const [namespace = '', repository = '', ...more] = name.split('/');
  if (namespace === '' || repository === '' || more.length > 0) {
    throw new DomainError(
      'REQUEST_INVALID',
      `${JSON.stringify(name)} is no repository of Docker Hub, such as acme/app.`,
    );
  }
  return `v2/repositories/${encodeURIComponent(namespace)}/${encodeURIComponent(repository)}/webhook_pipeline/`;
}

async function installIn(api: HubApi, path: string, context: InstallContext, token: string): Promise<ScopeOutcome> {
  const address = urlWithToken(context.webhookUrl, token);
  const own = await findOwn(api, path, context.webhookUrl);
  const outcome =
    own.length === 0
      ? 'created'
      : own.some(({ webhooks }) => webhooks[0]?.hook_url === address)
        ? 'unchanged'
        : 'updated';
  if (outcome !== 'unchanged') {
    // The API changes none: one with an old token goes, and a new one is made.
    for (const webhook of own) await api.call({ method: 'DELETE', path: `${path}${slugOf(webhook)}/`, answers: [404] });
    await api.call({ method: 'POST', path, body: webhookOf(context.registry, address) });
  }
  const kept = (await findOwn(api, path, context.webhookUrl)).find(({ webhooks }) => webhooks[0]?.hook_url === address);
  if (kept !== undefined)
    return { outcome, subscription: `${path.split('/').slice(2, 4).join('/')}: webhook ${kept.name}` };
  throw api.badAnswer(
    { method: 'GET', path },
    'took the webhook, and yet does not show it; look at it on hub.docker.com',
  );
}

const slugOf = ({ slug, name }: HubWebhook): string => encodeURIComponent(slug ?? name);

const webhookOf = (registry: string, address: string) => ({
  name: `tagwarden-${registry}`,
  expect_final_callback: false,
  webhooks: [{ name: `tagwarden-${registry}`, hook_url: address }],
  registry: 'registry-1.docker.io',
});

async function findOwn(api: HubApi, path: string, webhookUrl: string): Promise<HubWebhook[]> {
  const own: HubWebhook[] = [];
  for await (const webhook of api.items(WebhookPage, `${path}?page_size=100`)) {
    if (webhook.webhooks.some(({ hook_url }) => leadsTo(hook_url, webhookUrl))) own.push(webhook);
  }
  return own;
}
