import { RegistryError } from '#application';
import type { InstallContext, RegistrySubscription, SubscriptionContext } from '../adapter.js';
import {
  changeOf,
  installEach,
  leadsTo,
  type ScopeOutcome,
  scopesOf,
  secretOf,
} from '../subscription/install-steps.js';
import type { VendorApi } from '../vendor-api/vendor-api.js';
import { vendorPages } from '../vendor-api/vendor-pages.js';
import { apiUrlOf, createGiteaApi } from './api.js';
import { Account, Webhook, Webhooks } from './schema.js';

const EVENT = 'package';

const NOTES = [
  'No notification names a digest: each makes the service look the tag up.',
  'An overwrite comes as a creation alone, and the old manifest is gone by then; a failed notification is not sent again.',
  'The host of Tagwarden must be allowed by ALLOWED_HOST_LIST in the section [webhook] of app.ini; private addresses are not, unless it says so.',
  'Some versions keep the old secret when a webhook is changed: after changing the secret, delete the webhook there and install it anew.',
];

const desired = (webhookUrl: string, secret: string) => ({
  active: true,
  events: [EVENT],
  config: { url: webhookUrl, content_type: 'json', secret },
});

export const subscription: RegistrySubscription = {
  guide: ({ registry, url, webhookUrl, options }: SubscriptionContext) => ({
    steps: [
      {
        title: 'For each organisation (repository: repos/<owner>/<name>/hooks; your own account: user/hooks)',
        language: 'shell',
        text: [
          `curl --fail --header 'Authorization: token <a token with write:organization>' \\`,
          `  --header 'Content-Type: application/json' '${apiUrlOf(url, options)}/orgs/<organisation>/hooks' \\`,
          `  --data '${JSON.stringify({ type: 'gitea', ...desired(webhookUrl, `<the webhook secret of "${registry}">`) }, null, 2)}'`,
        ].join('\n'),
      },
    ],
    notes: NOTES,
  }),
  install,
};

/** One webhook for each organisation or account (`acme`) or repository (`acme/app`) that `scopes` names. */
async function install(context: InstallContext) {
  const scopes = scopesOf(context, 'organisations, or repositories as owner/name,');
  const secret = secretOf(context);
  const api = createGiteaApi(context.client, context.settings, [secret]);
  return installEach(api, scopes, NOTES, (_, scope) => installIn(api, scope, context, secret));
}

async function installIn(
  api: VendorApi,
  scope: string,
  { registry, webhookUrl }: InstallContext,
  secret: string,
): Promise<ScopeOutcome> {
  const path = `${await placeOf(api, scope, registry)}/hooks`;
  const found = await findOwn(api, path, webhookUrl);
  const outcome = changeOf(found && { isOn: found.active, isRight: isAsWished(found, webhookUrl) });
  const body = desired(webhookUrl, secret);
  // Even where nothing seems to differ: the secret that is there cannot be seen.
  const call =
    found === null
      ? ({ method: 'POST', path, body: { type: 'gitea', ...body } } as const)
      : ({ method: 'PATCH', path: `${path}/${found.id}`, body, repeatable: true } as const);
  const { id } = await api.read(Webhook, call);
  const kept = await api.read(Webhook, { method: 'GET', path: `${path}/${id}` });
  if (!isAsWished(kept, webhookUrl)) {
    throw api.badAnswer(
      call,
      'took the webhook, and yet shows it otherwise than it was sent; look at it in the settings',
    );
  }
  return { outcome, subscription: `${scope}: webhook ${id}` };
}

/** An account's own webhooks are reached by that account alone. */
async function placeOf(api: VendorApi, scope: string, registry: string): Promise<string> {
  const name = scope.split('/').map(encodeURIComponent).join('/');
  if (scope.includes('/')) return `repos/${name}`;
  if ((await api.call({ method: 'GET', path: `orgs/${name}`, answers: [404] })).status !== 404) return `orgs/${name}`;
  const { login } = await api.read(Account, { method: 'GET', path: 'user' });
  if (login.toLowerCase() === scope.toLowerCase()) return 'user';
  throw new RegistryError(
    'REGISTRY_REFUSED',
    `Registry "${registry}" has no organisation ${JSON.stringify(scope)} that the account "${login}" can see, and it is not that account itself.`,
    { status: 404 },
  );
}

async function findOwn(api: VendorApi, path: string, webhookUrl: string): Promise<Webhook | null> {
  for await (const page of vendorPages(api, Webhooks, `${path}?limit=50`)) {
    const own = page.find(({ config }) => leadsTo(config.url, webhookUrl));
    if (own) return own;
  }
  return null;
}

const isAsWished = ({ active, events, config }: Webhook, webhookUrl: string): boolean =>
  active && events.includes(EVENT) && config.url === webhookUrl && config.content_type === 'json';
