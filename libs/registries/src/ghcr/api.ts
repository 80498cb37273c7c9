import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { VendorApi } from '../vendor-api/vendor-api.js';

const GITHUB = 'https://api.github.com';

/** GitHub's REST API, as the account of `apiToken`, or else of the registry's own token. */
export function createGithubApi(
  client: RegistryClientOptions,
  settings: ClientSettings,
  secrets: readonly string[] = [],
): VendorApi {
  const token = client.secretOptions?.apiToken ?? client.token ?? client.password;
  const authorization = () => (token === undefined ? undefined : `Bearer ${token}`);
  const base = new URL(client.options?.apiUrl ?? GITHUB);
  return new VendorApi({ client, settings, base, authorization, secrets });
}
