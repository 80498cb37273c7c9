import type { z } from 'zod';
import { RegistryError } from '#application';
import type { ClientSettings, CloseableRegistryClient, RegistryClientOptions } from '../adapter.js';
import { OciRegistryClient } from '../distribution/client.js';
import { serviceUrl } from '../vendor-api/service-url.js';
import { VendorApi } from '../vendor-api/vendor-api.js';
import { findGoogleLogin, type GoogleLogin } from './auth.js';
import { findLocation } from './registry-host.js';
import { Packages, Repositories } from './schema.js';

const API = 'https://artifactregistry.googleapis.com';
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
  readonly #api: VendorApi;
  readonly #perPage: number;

  constructor(options: RegistryClientOptions, settings: ClientSettings, google: GoogleLogin) {
    const client = { ...options, login: google.login };
    super(client, settings);
    this.#options = options;
    this.#google = google;
    const base = serviceUrl(options, 'apiUrl', options.options?.apiUrl ?? API);
    const authorization = async (signal: AbortSignal) => `Bearer ${(await google.login.current(signal)).password}`;
    this.#api = new VendorApi({ client, settings, base, authorization });
    this.#perPage = settings.repositoriesPerPage ?? 1000;
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
    await Promise.all([super.close(), this.#api.close(), this.#google.close()]);
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
      const query = { pageSize: String(this.#perPage), ...(pageToken === null ? {} : { pageToken }) };
      const answer: T = await this.#api.read(schema, { method: 'GET', path: `v1/${path}`, query });
      yield answer;
      pageToken = answer.nextPageToken || null;
      if (pageToken === null) return;
    }
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
