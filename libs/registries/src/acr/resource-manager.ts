import type { z } from 'zod';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { misconfigured, serviceUrl } from '../vendor-api/service-url.js';
import { VendorApi, type VendorCall } from '../vendor-api/vendor-api.js';
import { VendorRequests } from '../vendor-api/vendor-requests.js';
import type { AzureIdentity } from './azure-identity.js';

const API_VERSION = '2023-07-01';

/** The registry's resource in Azure's resource manager. Holds connections: `close()` it. */
export class RegistryResource {
  readonly #api: VendorApi;
  readonly #logins: VendorRequests;
  readonly #path: string;

  /** Throws `REGISTRY_MISCONFIGURED`. */
  constructor(options: RegistryClientOptions, settings: ClientSettings, identity: AzureIdentity) {
    const { subscriptionId, resourceGroup, cloud, managementUrl } = options.options ?? {};
    if (subscriptionId === undefined || resourceGroup === undefined) {
      throw misconfigured(options.name, 'subscriptionId and resourceGroup are needed to install a webhook.');
    }
    const usual = cloud === 'china' ? 'https://management.chinacloudapi.cn' : 'https://management.azure.com';
    const base = serviceUrl(options, 'managementUrl', managementUrl ?? usual);
    const logins = new VendorRequests(options, settings);
    const authorization = async (signal: AbortSignal) =>
      `Bearer ${(await identity.accessToken(logins, base.origin, signal)).token}`;
    this.#logins = logins;
    this.#api = new VendorApi({ client: options, settings, base, authorization, secrets: identity.secrets });
    const group = `subscriptions/${encodeURIComponent(subscriptionId)}/resourceGroups/${encodeURIComponent(resourceGroup)}`;
    const name = encodeURIComponent(registryNameOf(options));
    this.#path = `${group}/providers/Microsoft.ContainerRegistry/registries/${name}`;
  }

  /** `path` below the registry, or empty for the registry itself. Throws `RegistryError`. */
  async ask<T extends z.ZodType>(schema: T, method: VendorCall['method'], path = '', body?: object) {
    const query = { 'api-version': API_VERSION };
    return this.#api.read(schema, { method, path: `${this.#path}${path}`, query, body });
  }

  /** The next page of a list. Throws where it is on another host: the token would go along. */
  async askNext<T extends z.ZodType>(schema: T, link: string) {
    return this.#api.read(schema, { method: 'GET', path: link });
  }

  async close(): Promise<void> {
    await Promise.all([this.#api.close(), this.#logins.close()]);
  }
}

/** As in `<name>.azurecr.io`. */
export function registryNameOf({ url, options = {} }: Pick<RegistryClientOptions, 'url' | 'options'>): string {
  return options.registryName ?? new URL(url).hostname.split('.')[0] ?? '';
}
