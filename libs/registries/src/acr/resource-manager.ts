import type { z } from 'zod';
import { RegistryError } from '#application';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { misconfigured, serviceUrl, VendorRequests } from '../vendor-requests.js';
import type { AzureIdentity } from './azure-identity.js';

const API_VERSION = '2023-07-01';
const DEFAULT_TIMEOUT_MS = 10_000;

/** The registry's resource in Azure's resource manager. Holds connections: `close()` it. */
export class RegistryResource {
  readonly #options: RegistryClientOptions;
  readonly #identity: AzureIdentity;
  readonly #requests: VendorRequests;
  readonly #base: URL;
  readonly #path: string;

  /** Throws `REGISTRY_MISCONFIGURED`. */
  constructor(options: RegistryClientOptions, settings: ClientSettings, identity: AzureIdentity) {
    const { subscriptionId, resourceGroup, cloud, managementUrl } = options.options ?? {};
    if (subscriptionId === undefined || resourceGroup === undefined) {
      throw misconfigured(options.name, 'subscriptionId and resourceGroup are needed to install a webhook.');
    }
    const usual = cloud === 'china' ? 'https://management.chinacloudapi.cn' : 'https://management.azure.com';
    this.#options = options;
    this.#identity = identity;
    this.#requests = new VendorRequests(options, settings);
    this.#base = serviceUrl(options, 'managementUrl', managementUrl ?? usual);
    const group = `/subscriptions/${encodeURIComponent(subscriptionId)}/resourceGroups/${encodeURIComponent(resourceGroup)}`;
    const name = encodeURIComponent(registryNameOf(options));
    this.#path = `${group}/providers/Microsoft.ContainerRegistry/registries/${name}`;
  }

  /** `path` below the registry, or empty for the registry itself. Throws `RegistryError`. */
  async ask<T extends z.ZodType>(schema: T, method: 'GET' | 'PUT' | 'POST', path = '', body?: object) {
    return this.#ask(schema, method, new URL(`${this.#path}${path}?api-version=${API_VERSION}`, this.#base), body);
  }

  /** The next page of a list. Throws where it is on another host: the token would go along. */
  async askNext<T extends z.ZodType>(schema: T, link: string) {
    const url = URL.canParse(link) ? new URL(link) : null;
    if (url?.origin !== this.#base.origin) {
      const message = `The resource manager of registry "${this.#options.name}" links to another host; not followed.`;
      throw new RegistryError('REGISTRY_BAD_ANSWER', message);
    }
    return this.#ask(schema, 'GET', url);
  }

  close(): Promise<void> {
    return this.#requests.close();
  }

  async #ask<T extends z.ZodType>(schema: T, method: 'GET' | 'PUT' | 'POST', url: URL, body?: object) {
    const signal = AbortSignal.timeout(this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const { token } = await this.#identity.accessToken(this.#requests, this.#base.origin, signal);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const json = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
    const request = { method, url, headers, ...json, secrets: [token, ...this.#identity.secrets] };
    return this.#requests.ask(schema, request, signal);
  }
}

/** As in `<name>.azurecr.io`. */
export function registryNameOf({ url, options = {} }: Pick<RegistryClientOptions, 'url' | 'options'>): string {
  return options.registryName ?? new URL(url).hostname.split('.')[0] ?? '';
}
