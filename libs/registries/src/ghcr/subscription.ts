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
import { createGithubApi } from './api.js';
import { Webhook, Webhooks } from './schema.js';

/** `registry_package` says the same again, in a delivery of its own. */
const EVENT = 'package';

const NOTES = [
  'GitHub tells of pushes alone: a deleted version is noticed by the sweep.',
  'Each notification is sent once, and given up after 10 seconds: the sweep finds what got lost.',
  'registry_package is understood as well; one of the two is enough.',
];

const desired = (webhookUrl: string, secret: string) => ({
  active: true,
  events: [EVENT],
  config: { url: webhookUrl, content_type: 'json', secret, insecure_ssl: '0' },
});

export const subscription: RegistrySubscription = {
  guide: ({ registry, webhookUrl, options }: SubscriptionContext) => ({
    steps: [
      {
        title: 'As an owner of the organisation (for one repository: repos/<owner>/<repository>/hooks)',
        language: 'shell',
        text: [
          `curl --fail --header 'Authorization: Bearer <a token with admin:org_hook>' \\`,
          `  '${(options.apiUrl ?? 'https://api.github.com').replace(/\/+$/, '')}/orgs/<organisation>/hooks' \\`,
          `  --data '${JSON.stringify({ name: 'web', ...desired(webhookUrl, `<the webhook secret of "${registry}">`) }, null, 2)}'`,
        ].join('\n'),
      },
    ],
    notes: NOTES,
  }),
  install,
};

/** One webhook in each organisation (`acme`) or repository (`acme/app`) that `scopes` names. */
async function install(context: InstallContext) {
  const scopes = scopesOf(context, 'organisations, or repositories as owner/name,');
  const secret = secretOf(context);
  const api = createGithubApi(context.client, context.settings, [secret]);
  return installEach(api, scopes, NOTES, (_, scope) => installIn(api, scope, context.webhookUrl, secret));
}

async function installIn(api: VendorApi, scope: string, webhookUrl: string, secret: string): Promise<ScopeOutcome> {
  const path = `${scope.includes('/') ? 'repos' : 'orgs'}/${scope.split('/').map(encodeURIComponent).join('/')}/hooks`;
  const found = await findOwn(api, path, webhookUrl);
  const outcome = changeOf(found && { isOn: found.active, isRight: isAsWished(found, webhookUrl) });
  const body = desired(webhookUrl, secret);
  // Even where nothing seems to differ: the secret that GitHub has cannot be seen.
  const call =
    found === null
      ? ({ method: 'POST', path, body: { name: 'web', ...body } } as const)
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

async function findOwn(api: VendorApi, path: string, webhookUrl: string): Promise<Webhook | null> {
  for await (const page of vendorPages(api, Webhooks, `${path}?per_page=100`)) {
    const own = page.find(({ config }) => leadsTo(config.url, webhookUrl));
    if (own) return own;
  }
  return null;
}

const isAsWished = ({ active, events, config }: Webhook, webhookUrl: string): boolean =>
  active &&
  events.includes(EVENT) &&
  config.url === webhookUrl &&
  config.content_type === 'json' &&
  config.insecure_ssl === '0';
