import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { authorizationOf } from '../vendor-api/authorization.js';
import { VendorApi } from '../vendor-api/vendor-api.js';

/** Gitea's own API, at the registry's host; as the account of `apiToken`, or else as the registry's. */
export function createGiteaApi(
  client: RegistryClientOptions,
  settings: ClientSettings,
  secrets: readonly string[] = [],
): VendorApi {
  const base = new URL(apiUrlOf(client.url, client.options));
  return new VendorApi({ client, settings, base, authorization: () => authorizationOf(client, 'token'), secrets });
}

export const apiUrlOf = (url: string, options: Readonly<Record<string, string>> = {}): string =>
  options.apiUrl ?? `${url.replace(/\/+$/, '')}/api/v1`;
