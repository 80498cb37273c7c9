import type { PublicDocuments, Sender, SenderVerdict } from '../adapter.js';
import { findBearer, findIdentity } from '../sender/identity-token.js';
import { authenticateByToken } from '../sender/sender-token.js';

/** Event Grid's own application, the same in every tenant of the public cloud. */
const EVENT_GRID = '4962773b-9cdb-44cf-a8bf-237846a00ab7';
const TENANT = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const CLOUDS: ReadonlyMap<string, { readonly login: string; readonly sts: string }> = new Map([
  ['public', { login: 'https://login.microsoftonline.com', sts: 'https://sts.windows.net' }],
  ['china', { login: 'https://login.partner.microsoftonline.cn', sts: 'https://sts.chinacloudapi.cn' }],
]);

/** The webhook's token, in its header or the query; or, where `eventGridAudience` is configured, a token of Entra ID for Event Grid. */
export function authenticateSender(sender: Sender, documents: PublicDocuments): SenderVerdict | Promise<SenderVerdict> {
  if (authenticateByToken(sender) === 'ok') return 'ok';
  const { eventGridAudience = '', tenantId = '' } = sender.options ?? {};
  const token = findBearer(sender);
  if (token === null || eventGridAudience === '' || !TENANT.test(tenantId.toLowerCase())) return 'refused';
  return judgeIdentity(token, sender, documents);
}

async function judgeIdentity(token: string, sender: Sender, documents: PublicDocuments): Promise<SenderVerdict> {
  const { eventGridAudience = '', tenantId = '', eventGridAppId = EVENT_GRID, cloud = 'public' } = sender.options ?? {};
  const hosts = CLOUDS.get(cloud);
  if (hosts === undefined || sender.receivedAt === undefined) return 'refused';
  const tenant = tenantId.toLowerCase();
  const demand = {
    keys: new URL(`${hosts.login}/${tenant}/discovery/v2.0/keys`),
    // Applications of the older kind get tokens of version 1.
    issuers: [`${hosts.sts}/${tenant}/`, `${hosts.login}/${tenant}/v2.0`],
    audience: eventGridAudience,
    receivedAt: sender.receivedAt,
  };
  const identity = await findIdentity(token, demand, documents);
  // Any application of the tenant can have a token for our audience: it must be Event Grid's.
  const application = identity?.azp ?? identity?.appid;
  return eventGridAppId !== '' && application === eventGridAppId ? 'ok' : 'refused';
}
