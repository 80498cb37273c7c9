import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { VendorApi } from '../vendor-api.js';

/** Gitea's own API, at the registry's host; as the account of `apiToken`, or else as the registry's. */
export function createGiteaApi(
  client: RegistryClientOptions,
  settings: ClientSettings,
  secrets: readonly string[] = [],
): VendorApi {
  const base = new URL(apiUrlOf(client.url, client.options));
  const authorization = () => authorizationOf(client);
  return new VendorApi({
    client,
    settings,
    base,
    authorization,
    secrets: [client.secretOptions?.apiToken, ...secrets],
  });
}

export const apiUrlOf = (url: string, options: Readonly<Record<string, string>> = {}): string =>
  options.apiUrl ?? `${url.replace(/\/+$/, '')}/api/v1`;

function authorizationOf({ username, password, token, secretOptions }: RegistryClientOptions): string | undefined {
  const apiToken = secretOptions?.apiToken ?? token;
  if (apiToken !== undefined) return `token ${apiToken}`;
  if (password === undefined) return undefined;
  return `Basic ${Buffer.from(`${username ?? ''}:${password}`).toString('base64')}`;
}
