import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { VendorApi } from '../vendor-api/vendor-api.js';

/** The token that Quay's own API takes: robot accounts are for `/v2/` alone. */
export const apiTokenOf = ({ secretOptions, token }: RegistryClientOptions): string | undefined =>
  secretOptions?.apiToken ?? token;

export function createQuayApi(
  options: RegistryClientOptions,
  settings?: ClientSettings,
  secrets: readonly string[] = [],
): VendorApi {
  const token = apiTokenOf(options);
  const base = new URL(`${options.url.replace(/\/+$/, '')}/api/v1/`);
  const authorization = () => (token === undefined ? undefined : `Bearer ${token}`);
  return new VendorApi({ client: options, settings, base, authorization, secrets });
}

/** Its slashes stand in the path as they are. */
export const repositoryPath = (repository: string): string =>
  `repository/${repository.split('/').map(encodeURIComponent).join('/')}`;
