import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { authorizationOf } from '../vendor-api/authorization.js';
import { VendorApi } from '../vendor-api/vendor-api.js';

/** The JFrog platform's APIs, as the account of `apiToken`, or else as the registry's. */
export function createJfrogApi(
  client: RegistryClientOptions,
  settings: ClientSettings,
  secrets: readonly string[] = [],
): VendorApi {
  const base = new URL(platformUrlOf(client.url, client.options));
  return new VendorApi({ client, settings, base, authorization: () => authorizationOf(client), secrets });
}

/** Where the registry is reached by a host of its own, the platform is elsewhere: `apiUrl`. */
export const platformUrlOf = (url: string, options: Readonly<Record<string, string>> = {}): string =>
  (options.apiUrl ?? url).replace(/\/+$/, '');
