import { randomUUID } from 'node:crypto';
import type { FakeReply, FakeRequest } from '#testing';
import { FakeVendor, jsonReply } from '../fake-vendor.js';

export type FakeQuayOptions = {
  readonly account?: { readonly username: string; readonly password: string };
  /** What the API takes; everybody may where there is none. */
  readonly apiToken?: string;
  /** Tags that Quay itself holds immutable. */
  readonly immutable?: readonly string[];
};

export type FakeNotification = {
  uuid: string;
  event: string;
  method: string;
  title: string | null;
  config: { url: string; template?: string };
  event_config: object;
  number_of_failures: number;
};
const problem = (status: number, type: string, detail: string) =>
  jsonReply(status, { detail, error_message: detail, error_type: type, title: type, status });

/** Quay as far as Tagwarden meets it: a registry that shows no manifest by its digest that lost its tags, and the API that still finds it. */
export class FakeQuay extends FakeVendor {
  readonly notifications = new Map<string, FakeNotification[]>();
  readonly #options: FakeQuayOptions;

  private constructor(options: FakeQuayOptions) {
    super();
    this.#options = options;
  }

  static async start(options: FakeQuayOptions = {}): Promise<FakeQuay> {
    const quay = new FakeQuay(options);
    const auth = options.account && { auth: { type: 'bearer', ...options.account } as const };
    return quay.open({ ...auth });
  }

  protected override answer(request: FakeRequest): FakeReply | null {
    const { method, url, headers } = request;
    const [, repository = '', reference = ''] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(url.pathname) ?? [];
    if (reference !== '') return this.#manifest(method, repository, reference);
    if (!url.pathname.startsWith('/api/v1/')) return null;
    const { apiToken } = this.#options;
    if (apiToken !== undefined && headers.authorization !== `Bearer ${apiToken}`)
      return problem(401, 'invalid_token', 'Requires authentication');
    return this.#api(request, url.pathname.slice('/api/v1/'.length));
  }

  #manifest(method: string, repository: string, reference: string): FakeReply | null {
    const isDead = reference.includes(':') && !this.registry.isNeeded(repository, reference);
    if (isDead && (method === 'GET' || method === 'HEAD'))
      return jsonReply(404, { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] });
    const isHeld =
      this.#options.immutable?.includes(reference) && this.registry.findTag(repository, reference) !== null;
    const refusal = { code: 'TAG_IMMUTABLE', message: 'tag is immutable and cannot be overwritten' };
    return method === 'PUT' && isHeld ? jsonReply(409, { errors: [refusal] }) : null;
  }

  #api(request: FakeRequest, path: string): FakeReply {
    if (path === 'repository') return this.#list(request.url);
    const [, restored = '', tag = ''] = /^repository\/(.+)\/tag\/([^/]+)\/restore$/.exec(path) ?? [];
    if (tag !== '') return this.#restore(request, restored, tag);
    const [, repository, uuid] = /^repository\/(.+)\/notification\/([^/]*)$/.exec(path) ?? [];
    if (repository === undefined) return problem(404, 'not_found', 'Not Found');
    return this.#notification(request, repository, uuid ?? '');
  }

  #list(url: URL): FakeReply {
    const namespace = url.searchParams.get('namespace');
    if (namespace === null) return problem(400, 'invalid_request', 'namespace, starred or public are required');
    const start = Number(url.searchParams.get('next_page') ?? 0);
    const own = this.registry.repositories.filter((name) => name.startsWith(`${namespace}/`));
    const page = own.slice(start, start + 2).map((name) => ({ namespace, name: name.slice(namespace.length + 1) }));
    return jsonReply(200, { repositories: page, ...(own.length > start + 2 ? { next_page: String(start + 2) } : {}) });
  }

  #restore({ body }: FakeRequest, repository: string, tag: string): FakeReply {
    const { manifest_digest: digest } = JSON.parse(body.toString('utf8'));
    if (!digest) return problem(400, 'invalid_request', 'Missing manifest_digest');
    if (!this.registry.hasManifest(repository, digest)) return problem(404, 'not_found', 'Not Found');
    if (this.#options.immutable?.includes(tag) && this.registry.findTag(repository, tag) !== null)
      return problem(409, 'invalid_request', `Tag ${tag} is immutable and cannot be overwritten`);
    this.registry.retag(repository, tag, digest);
    return jsonReply(200, {});
  }

  #notification({ method, body }: FakeRequest, repository: string, uuid: string): FakeReply {
    const all = this.notifications.get(repository) ?? [];
    if (method === 'GET') return jsonReply(200, { notifications: all });
    const found = all.find((each) => each.uuid === uuid);
    if (uuid !== '' && found === undefined) return problem(400, 'invalid_request', 'No repository notification found');
    if (method === 'DELETE') {
      this.notifications.set(
        repository,
        all.filter((each) => each.uuid !== uuid),
      );
      return { status: 204 };
    }
    if (found !== undefined) {
      found.number_of_failures = 0;
      return { status: 204 };
    }
    const { title = null, event, method: how, config, eventConfig } = JSON.parse(body.toString('utf8'));
    if (['localhost', '127.0.0.1'].includes(new URL(config.url).hostname))
      return problem(400, 'invalid_request', 'Invalid webhook URL');
    const made = {
      uuid: randomUUID(),
      title,
      event,
      method: how,
      config,
      event_config: eventConfig,
      number_of_failures: 0,
    };
    this.notifications.set(repository, [...all, made]);
    return jsonReply(201, made);
  }
}
