import { readFile } from 'node:fs/promises';
import type { RegistryClientOptions } from '../adapter.js';
import type { Expiring } from '../vendor-api/rotating-login.js';
import { misconfigured, serviceUrl } from '../vendor-api/service-url.js';
import type { VendorRequests } from '../vendor-api/vendor-requests.js';
import { AccessToken } from './schema.js';

/** An access token of Entra ID for one of Azure's services. */
export type AzureIdentity = {
  readonly tenantId: string | null;
  readonly secrets: readonly string[];
  /** `audience` as `https://management.azure.com`, without a slash at the end. */
  accessToken(requests: VendorRequests, audience: string, signal: AbortSignal): Promise<Expiring<{ token: string }>>;
};

const FEDERATED = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** null where nothing of the kind is configured. Throws `REGISTRY_MISCONFIGURED`. */
export function findAzureIdentity(client: RegistryClientOptions): AzureIdentity | null {
  const { options = {}, secretOptions = {} } = client;
  const { clientId, federatedTokenPath, credentialsFrom } = options;
  const { clientSecret } = secretOptions;
  if (credentialsFrom === 'managedIdentity') return managedIdentity(client);
  if (credentialsFrom !== undefined) throw misconfigured(client.name, 'credentialsFrom must be "managedIdentity".');
  if (clientSecret === undefined && federatedTokenPath === undefined) return null;
  const { tenantId } = options;
  if (clientId === undefined || tenantId === undefined) {
    throw misconfigured(client.name, 'clientId and tenantId are needed beside clientSecret or federatedTokenPath.');
  }
  const proof = async (): Promise<Record<string, string>> =>
    clientSecret === undefined
      ? // The file changes under a running process.
        {
          client_assertion_type: FEDERATED,
          client_assertion: (await readFile(federatedTokenPath ?? '', 'utf8')).trim(),
        }
      : { client_secret: clientSecret };
  return application(client, clientId, tenantId, proof);
}

const loginUrlOf = (cloud: string | undefined): string =>
  cloud === 'china' ? 'https://login.partner.microsoftonline.cn' : 'https://login.microsoftonline.com';

/** An application, by its secret or by a token that Kubernetes gives it (workload identity). */
function application(
  client: RegistryClientOptions,
  clientId: string,
  tenantId: string,
  proof: () => Promise<Record<string, string>>,
): AzureIdentity {
  const { options = {}, secretOptions = {} } = client;
  const base = serviceUrl(client, 'loginUrl', options.loginUrl ?? loginUrlOf(options.cloud));
  const url = new URL(`/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`, base);
  const secrets = [secretOptions.clientSecret].filter((secret) => secret !== undefined);
  return {
    tenantId,
    secrets,
    async accessToken(requests, audience, signal) {
      const proven = await proof();
      const form = { grant_type: 'client_credentials', client_id: clientId, scope: `${audience}/.default`, ...proven };
      const hidden = [...secrets, ...Object.values(proven)];
      const codes = { denied: ['invalid_client', 'unauthorized_client', 'invalid_grant'] };
      const request = { method: 'POST', url, form, secrets: hidden, codes } as const;
      return expiring(await requests.ask(AccessToken, request, signal));
    },
  };
}

function managedIdentity({ name, options = {} }: RegistryClientOptions): AzureIdentity {
  const { clientId, tenantId = null, instanceMetadataUrl = 'http://169.254.169.254' } = options;
  if (!URL.canParse(instanceMetadataUrl)) throw misconfigured(name, 'instanceMetadataUrl must be a URL.');
  return {
    tenantId,
    secrets: [],
    async accessToken(requests, audience, signal) {
      const url = new URL('/metadata/identity/oauth2/token', instanceMetadataUrl);
      url.searchParams.set('api-version', '2018-02-01');
      url.searchParams.set('resource', `${audience}/`);
      if (clientId !== undefined) url.searchParams.set('client_id', clientId);
      const request = { method: 'GET', url, headers: { metadata: 'true' }, secrets: [] } as const;
      return expiring(await requests.ask(AccessToken, request, signal));
    },
  };
}

const expiring = ({ access_token, expires_in }: { access_token: string; expires_in: number }) => ({
  token: access_token,
  expiresAt: Date.now() + expires_in * 1000,
});
