import type { ClientSettings, RegistryClientOptions, RotatingLogin } from '../adapter.js';
import { rotatingLogin } from '../vendor-api/rotating-login.js';
import { VendorRequests } from '../vendor-api/vendor-requests.js';
import type { AzureIdentity } from './azure-identity.js';
import { RefreshToken } from './schema.js';

/** The user that a refresh token is the password of. Source: ACR's “AAD integration”. */
const NOBODY = '00000000-0000-0000-0000-000000000000';
const AUDIENCE = 'https://containerregistry.azure.net';
/** Where the token does not say when it expires; they live for three hours. */
const USUAL_MS = 3_600_000;

/** The registry's refresh token, exchanged for an access token of Entra ID. Its token service takes it as a password. */
export function acrLogin(
  options: RegistryClientOptions,
  settings: ClientSettings,
  identity: AzureIdentity,
): RotatingLogin & { close(): Promise<void> } {
  const requests = new VendorRequests(options, settings);
  const registry = new URL(options.url);
  const fetch = async (signal: AbortSignal) => {
    const { token } = await identity.accessToken(requests, AUDIENCE, signal);
    const form = {
      grant_type: 'access_token',
      service: registry.host,
      ...(identity.tenantId === null ? {} : { tenant: identity.tenantId }),
      access_token: token,
    };
    const url = new URL('/oauth2/exchange', registry);
    const request = { method: 'POST', url, form, secrets: [token, ...identity.secrets] } as const;
    const { refresh_token } = await requests.ask(RefreshToken, request, signal);
    return { username: NOBODY, password: refresh_token, expiresAt: await expiryOf(refresh_token) };
  };
  const { name, timeoutMs } = options;
  const login = rotatingLogin({ registry: name, fetch, secrets: () => identity.secrets, timeoutMs });
  return Object.assign(login, { close: () => requests.close() });
}

/** It is the registry's own, so its time is read and nothing is proven. */
async function expiryOf(token: string): Promise<number> {
  const { decodeJwt } = await import('jose');
  try {
    return (decodeJwt(token).exp ?? 0) * 1000 || Date.now() + USUAL_MS;
  } catch {
    return Date.now() + USUAL_MS;
  }
}
