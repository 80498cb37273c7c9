import type { z } from 'zod';
import { RegistryError } from '#application';
import type { ClientSettings, CloseableRegistryClient, RegistryClientOptions } from '../adapter.js';
import { OciRegistryClient } from '../distribution/client.js';
import { DEFAULT_RETRY, retrying } from '../distribution/retry.js';
import { serviceUrl, VendorRequests } from '../vendor-requests.js';
import { findGoogleLogin, type GoogleLogin } from './auth.js';
import { findLocation } from './registry-host.js';
import { Packages, Repositories } from './schema.js';

const API = 'https://artifactregistry.googleapis.com';
const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_PAGES = 10_000;

/** With a service account: over the REST API too, where the host tells the location. Else over `/v2/` alone. */
export function createGarClient(
  options: RegistryClientOptions,
  settings: ClientSettings = {},
): CloseableRegistryClient {
  const google = findGoogleLogin(options, settings);
  return google === null ? new OciRegistryClient(options, settings) : new GarRegistryClient(options, settings, google);
}

type Page = { readonly nextPageToken?: string | null | undefined };

class GarRegistryClient extends OciRegistryClient {
  readonly #options: RegistryClientOptions;
  readonly #google: GoogleLogin;
  readonly #requests: VendorRequests;
  readonly #api: URL;
  readonly #perPage: number;
  readonly #retry: typeof DEFAULT_RETRY;
  readonly #closed = new AbortController();

  constructor(options: RegistryClientOptions, settings: ClientSettings, google: GoogleLogin) {
    super({ ...options, login: google.login }, settings);
    this.#options = options;
    this.#google = google;
    this.#requests = new VendorRequests(options, settings);
    this.#api = serviceUrl(options, 'apiUrl', options.options?.apiUrl ?? API);
    this.#perPage = settings.repositoriesPerPage ?? 1000;
    this.#retry = { ...DEFAULT_RETRY, ...settings.retry };
  }

  /** `project/repository/image`, of the Docker repositories in the host's location. */
  override async *listRepositories(): AsyncIterable<string> {
    const { project } = this.#google;
    const location = findLocation(this.#options);
    if (location === null) {
      // The hosts of the older kind have a catalog.
      yield* super.listRepositories();
      return;
    }
    if (project === null) throw this.#unlisted();
    const parent = `projects/${project}/locations/${location}/repositories`;
    for await (const { repositories } of this.#pages(Repositories, parent)) {
      for (const { name, format, mode } of repositories) {
        // A virtual one shows what others have.
        if (format !== null && format !== 'DOCKER') continue;
        if (mode !== 'VIRTUAL_REPOSITORY') yield* this.#listImages(project, name);
      }
    }
  }

  override async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all([super.close(), this.#requests.close(), this.#google.close()]);
  }

  async *#listImages(project: string, name: string): AsyncGenerator<string> {
    const repository = name.slice(name.lastIndexOf('/') + 1);
    for await (const { packages } of this.#pages(Packages, `${name}/packages`)) {
      for (const each of packages) {
        const image = each.name.slice(each.name.lastIndexOf('/') + 1);
        // A project of a domain is `domain:project` to the API, and `domain/project` in an image's name.
        yield `${project.replace(':', '/')}/${repository}/${decoded(image)}`;
      }
    }
  }

  async *#pages<T extends Page>(schema: z.ZodType<T>, path: string): AsyncGenerator<T> {
    let pageToken: string | null = null;
    for (let page = 0; page < MAX_PAGES; page++) {
      const url: URL = new URL(`/v1/${path}`, this.#api);
      url.searchParams.set('pageSize', String(this.#perPage));
      if (pageToken !== null) url.searchParams.set('pageToken', pageToken);
      const answer: T = await this.#ask(schema, url);
      yield answer;
      pageToken = answer.nextPageToken || null;
      if (pageToken === null) return;
    }
  }

  async #ask<T>(schema: z.ZodType<T>, url: URL): Promise<T> {
    return retrying(this.#retry, this.#closed.signal, async (msLeft) => {
      const ms = Math.min(this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS, Math.floor(msLeft));
      const signal = AbortSignal.timeout(Math.max(1, ms));
      const { password } = await this.#google.login.current(signal);
      const headers = { authorization: `Bearer ${password}` };
      return this.#requests.ask(schema, { method: 'GET', url, headers, secrets: [password] }, signal);
    });
  }

  #unlisted(): RegistryError {
    const message = `Registry "${this.#options.name}" cannot be listed without knowing the project: add "project" to it in the configuration.`;
    return new RegistryError('REGISTRY_REFUSED', message, { status: 404 });
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
