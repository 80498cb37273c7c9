import type { InstallContext, RegistrySubscription } from '../adapter.js';
import {
  installEach,
  leadsTo,
  type ScopeOutcome,
  scopesOf,
  tokenOf,
  urlWithToken,
} from '../subscription/install-steps.js';
import type { VendorApi } from '../vendor-api/vendor-api.js';
import { createQuayApi, repositoryPath } from './api.js';
import { type QuayNotification, QuayNotifications } from './schema.js';

/** From so many failures on, Quay sends nothing more until the count is reset. */
const MUTED_AT = 3;

const NOTES = [
  'Quay can send no header, so the token is in the address: use it for nothing else, and keep it out of the logs of proxies.',
  'Leave the notification without a template: one replaces the body that is read here.',
  'After three failures in a row Quay mutes the notification; installing again switches it on.',
  'It tells of pushes alone, without a digest. Deletions, and tags moved in the web page or by the API, are found by the sweep.',
];

export const subscription: RegistrySubscription = {
  guide: ({ registry, url, webhookUrl }) => ({
    steps: [
      {
        title:
          'One notification a repository, as its administrator (or in the web page: repository, Settings, Create Notification)',
        language: 'shell',
        text: [
          `curl --fail --header 'Authorization: Bearer <an OAuth token with repo:admin>' --header 'Content-Type: application/json' \\`,
          `  '${url}/api/v1/repository/<namespace>/<name>/notification/' --data '${JSON.stringify(
            notificationOf(`${webhookUrl}?token=<the webhook token of "${registry}", percent-encoded>`),
            null,
            2,
          )}'`,
        ].join('\n'),
      },
    ],
    notes: NOTES,
  }),
  install,
};

const notificationOf = (url: string) => ({
  title: 'Tagwarden',
  event: 'repo_push',
  method: 'webhook',
  config: { url },
  eventConfig: {},
});

/** One notification in each repository that `scopes` names. */
async function install(context: InstallContext) {
  const repositories = scopesOf(context, 'repositories, such as acme/app,');
  const token = tokenOf(context);
  const api = createQuayApi(context.client, context.settings, [token]);
  return installEach(api, repositories, NOTES, (_, repository) => installIn(api, repository, context, token));
}

async function installIn(
  api: VendorApi,
  repository: string,
  { webhookUrl }: InstallContext,
  token: string,
): Promise<ScopeOutcome> {
  const path = `${repositoryPath(repository)}/notification/`;
  const url = urlWithToken(webhookUrl, token);
  const own = await findOwn(api, path, webhookUrl);
  const right = own.find((each) => isRight(each, url));
  const outcome = await arrange(api, path, url, own, right);
  const kept = (await findOwn(api, path, webhookUrl)).find((each) => isRight(each, url) && !isMuted(each));
  if (kept !== undefined) return { outcome, subscription: `${repository}: notification ${kept.uuid}` };
  throw api.badAnswer({ method: 'GET', path }, 'took the notification, and yet does not show it as it should be');
}

async function arrange(
  api: VendorApi,
  path: string,
  url: string,
  own: readonly QuayNotification[],
  right: QuayNotification | undefined,
): Promise<ScopeOutcome['outcome']> {
  if (right !== undefined) {
    if (!isMuted(right)) return 'unchanged';
    await api.call({ method: 'POST', path: `${path}${encodeURIComponent(right.uuid)}`, repeatable: true });
    return 'reenabled';
  }
  // The API changes none: one with an old token or a template goes, and a new one is made.
  for (const { uuid } of own) await api.call({ method: 'DELETE', path: `${path}${encodeURIComponent(uuid)}` });
  await api.call({ method: 'POST', path, body: notificationOf(url) });
  return own.length > 0 ? 'updated' : 'created';
}

const isRight = ({ config }: QuayNotification, url: string): boolean => config.url === url && !config.template;

const isMuted = ({ number_of_failures }: QuayNotification): boolean => (number_of_failures ?? 0) >= MUTED_AT;

async function findOwn(api: VendorApi, path: string, webhookUrl: string): Promise<QuayNotification[]> {
  const { notifications } = await api.read(QuayNotifications, { method: 'GET', path });
  return notifications.filter(
    ({ event, method, config }) => event === 'repo_push' && method === 'webhook' && leadsTo(config.url, webhookUrl),
  );
}
