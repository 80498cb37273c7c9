import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { VendorApi } from '../vendor-api.js';

/** The JFrog platform's APIs, as the account of `apiToken`, or else as the registry's. */
export function createJfrogApi(
  client: RegistryClientOptions,
  settings: ClientSettings,
  secrets: readonly string[] = [],
): VendorApi {
  const base = new URL(platformUrlOf(client.url, client.options));
  const authorization = () => authorizationOf(client);
  return new VendorApi({
    client,
    settings,
    base,
    authorization,
    secrets: [client.secretOptions?.apiToken, ...secrets],
  });
}

/** Where the registry is reached by a host of its own, the platform is elsewhere: `apiUrl`. */
export const platformUrlOf = (url: string, options: Readonly<Record<string, string>> = {}): string =>
  (options.apiUrl ?? url).replace(/\/+$/, '');

function authorizationOf({ username, password, token, secretOptions }: RegistryClientOptions): string | undefined {
  const bearer = secretOptions?.apiToken ?? token;
  if (bearer !== undefined) return `Bearer ${bearer}`;
  if (password === undefined) return undefined;
  return `Basic ${Buffer.from(`${username ?? ''}:${password}`).toString('base64')}`;
}
