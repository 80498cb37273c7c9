import type { InstallContext, RegistrySubscription, SubscriptionContext } from '../adapter.js';
import { installEach, leadsTo, type ScopeOutcome, scopesOf, tokenOf } from '../subscription/install-steps.js';
import type { VendorApi } from '../vendor-api/vendor-api.js';
import { createHarborApi, itemsOf } from './api.js';
import { type DesiredPolicy, desiredPolicy, differs, EVENT_TYPES, eventTypesOf } from './policy.js';
import { SupportedEvents, WebhookPolicies, type WebhookPolicy } from './schema.js';

const NOTES = [
  'A tag deleted or made through the API or the portal sends nothing, and a deleted artifact names one of its tags at most: the sweep and the record find the rest.',
  'CloudEvents carry an id; the default format, which is taken as well, has none and only whole seconds.',
  'Add PULL_ARTIFACT where you want to know who pulled a wrong digest while it stood.',
];

export const subscription: RegistrySubscription = {
  guide: ({ registry, url, webhookUrl }: SubscriptionContext) => ({
    steps: [
      {
        title: 'One webhook policy a project, as its administrator (or in the portal: project, Webhooks, New Webhook)',
        language: 'shell',
        text: [
          `curl --fail --user '<user>:<password>' --header 'Content-Type: application/json' \\`,
          `  '${url}/api/v2.0/projects/<project>/webhook/policies' --data '${JSON.stringify(
            desiredPolicy({
              registry,
              webhookUrl,
              token: `<the webhook token of "${registry}">`,
              eventTypes: EVENT_TYPES,
            }),
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

/** One policy in each project that `scopes` names. */
async function install(context: InstallContext) {
  const projects = scopesOf(context, 'projects');
  const token = tokenOf(context);
  const api = createHarborApi(context.client, context.settings, [token]);
  return installEach(api, projects, NOTES, (_, project) => installIn(api, project, context, token));
}

async function installIn(
  api: VendorApi,
  project: string,
  context: InstallContext,
  token: string,
): Promise<ScopeOutcome> {
  const { registry, webhookUrl } = context;
  const path = `projects/${encodeURIComponent(project)}/webhook`;
  const { event_type: supported } = await api.read(SupportedEvents, { method: 'GET', path: `${path}/events` });
  const found = await findOwn(api, path, context);
  const desired = desiredPolicy({ registry, webhookUrl, token, eventTypes: eventTypesOf(supported, found), found });
  const outcome = found === null ? 'created' : differs(found, desired) ? howChanged(found) : 'unchanged';
  if (outcome !== 'unchanged') {
    const method = found === null ? 'POST' : 'PUT';
    await api.call({ method, path: `${path}/policies${found === null ? '' : `/${found.id}`}`, body: desired });
  }
  return { outcome, subscription: await checked(api, path, context, desired, project) };
}

const howChanged = (found: WebhookPolicy) => (found.enabled ? 'updated' : 'reenabled');

/** Found by its address, or by its name where the address has changed. */
async function findOwn(api: VendorApi, path: string, { registry, webhookUrl }: InstallContext) {
  const policies: WebhookPolicy[] = [];
  for await (const policy of itemsOf(api, WebhookPolicies, `${path}/policies`)) policies.push(policy);
  const leads = ({ targets }: WebhookPolicy) => (targets ?? []).some(({ address }) => leadsTo(address, webhookUrl));
  return policies.find(leads) ?? policies.find(({ name }) => name === `tagwarden-${registry}`) ?? null;
}

async function checked(
  api: VendorApi,
  path: string,
  context: InstallContext,
  desired: DesiredPolicy,
  project: string,
): Promise<string> {
  const kept = await findOwn(api, path, context);
  if (kept !== null && !differs(kept, desired)) return `${project}: webhook policy ${kept.id} (${kept.name})`;
  const call = { method: 'GET', path: `${path}/policies` } as const;
  throw api.badAnswer(
    call,
    'took the webhook policy, and yet shows it otherwise than it was sent; look at it in the portal',
  );
}
