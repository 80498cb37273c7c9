import type { InstallContext, RegistrySubscription, SubscriptionContext } from '../adapter.js';
import { parseRepositoryPrefixes } from '../repository-prefixes.js';
import { changeOf, leadsTo, outcomeOf, type ScopeOutcome, secretOf } from '../subscription/install-steps.js';
import type { VendorApi } from '../vendor-api/vendor-api.js';
import { createJfrogApi, platformUrlOf } from './api.js';
import { Subscription, Subscriptions } from './schema.js';

const PATH = 'event/api/v1/subscriptions';
const EVENTS: readonly string[] = ['pushed', 'deleted', 'promoted'];

const NOTES = [
  'An overwrite is told as a deletion and a push, without ids and times: the service also looks the tag up.',
  'Subscribe local repositories, not virtual ones: notifications name the local one, whatever name was pushed to.',
  'The secret signs the body (use_secret_for_signing); without that it is sent along as it is, and taken too.',
];

type Wish = {
  readonly key: string;
  readonly webhookUrl: string;
  readonly secret: string;
  readonly repoKeys: readonly string[];
};

const desired = ({ key, webhookUrl, secret, repoKeys }: Wish) => ({
  key,
  description: 'Tells Tagwarden which tags changed.',
  enabled: true,
  event_filter: {
    domain: 'docker',
    event_types: EVENTS,
    criteria: {
      anyLocal: repoKeys.length === 0,
      anyRemote: false,
      anyFederated: false,
      repoKeys,
      includePatterns: [],
      excludePatterns: [],
    },
  },
  handlers: [
    { handler_type: 'webhook', url: webhookUrl, secret, use_secret_for_signing: true, custom_http_headers: [] },
  ],
});

/** Keys are letters, digits, "_" and "-". */
const keyOf = (registry: string): string => `tagwarden-${registry.replace(/[^A-Za-z0-9_-]/g, '-')}`;

const repoKeysOf = (options: Readonly<Record<string, string>>, scopes: readonly string[] = []): string[] =>
  scopes.length > 0 ? [...new Set(scopes)] : [...(parseRepositoryPrefixes(options.repositories)?.keys() ?? [])];

export const subscription: RegistrySubscription = {
  guide: ({ registry, url, webhookUrl, options }: SubscriptionContext) => {
    const secret = `<the webhook secret of "${registry}">`;
    const body = desired({ key: keyOf(registry), webhookUrl, secret, repoKeys: repoKeysOf(options) });
    return {
      steps: [
        {
          title: 'As an administrator of the platform (or in the portal: Administration, General Management, Webhooks)',
          language: 'shell',
          text: [
            `curl --fail --header 'Authorization: Bearer <an administrator's access token>' \\`,
            `  --header 'Content-Type: application/json' '${platformUrlOf(url, options)}/${PATH}' \\`,
            `  --data '${JSON.stringify(body, null, 2)}'`,
          ].join('\n'),
        },
      ],
      notes: NOTES,
    };
  },
  install,
};

/** One subscription for the local repositories that `scopes` names, else for those of `repositories`, else for all local ones. */
async function install(context: InstallContext) {
  const secret = secretOf(context);
  const { registry, webhookUrl, client, settings, scopes } = context;
  const api = createJfrogApi(client, settings, [secret]);
  try {
    const found = await findOwn(api, webhookUrl, keyOf(registry));
    const repoKeys = repoKeysOf(context.options, scopes);
    const wish: Wish = { key: found?.key ?? keyOf(registry), webhookUrl, secret, repoKeys };
    return outcomeOf([await write(api, found, wish)], NOTES);
  } finally {
    await api.close();
  }
}

async function findOwn(api: VendorApi, webhookUrl: string, key: string): Promise<Subscription | null> {
  const all = await api.read(Subscriptions, { method: 'GET', path: PATH });
  const leads = ({ handlers }: Subscription) => handlers.some(({ url }) => leadsTo(url, webhookUrl));
  return all.find(leads) ?? all.find((one) => one.key === key) ?? null;
}

/** Even where nothing seems to differ: the secret that is there cannot be seen. */
async function write(api: VendorApi, found: Subscription | null, wish: Wish): Promise<ScopeOutcome> {
  const own = `${PATH}/${encodeURIComponent(wish.key)}`;
  const outcome = changeOf(found && { isOn: found.enabled, isRight: isAsWished(found, wish) });
  const body = desired(wish);
  if (found === null) await api.call({ method: 'POST', path: PATH, body });
  else await api.call({ method: 'PUT', path: own, body });
  const call = { method: 'GET', path: own } as const;
  if (!isAsWished(await api.read(Subscription, call), wish)) {
    throw api.badAnswer(
      call,
      'took the webhook, and yet shows it otherwise than it was sent; look at it in the portal',
    );
  }
  return { outcome, subscription: `webhook ${wish.key}` };
}

function isAsWished({ enabled, event_filter, handlers }: Subscription, { webhookUrl, repoKeys }: Wish): boolean {
  const { anyLocal, repoKeys: kept } = event_filter.criteria;
  return (
    enabled &&
    event_filter.domain === 'docker' &&
    EVENTS.every((type) => event_filter.event_types.includes(type)) &&
    anyLocal === (repoKeys.length === 0) &&
    repoKeys.every((key) => kept?.includes(key)) &&
    handlers.some(({ url, use_secret_for_signing }) => url === webhookUrl && use_secret_for_signing === true)
  );
}
