import type { FakeReply, FakeRequest } from '#testing';
import { FakeVendor, jsonReply } from '../fake-vendor.js';

export type FakeDockerHubOptions = {
  readonly account?: { readonly username: string; readonly password: string };
  /** Tags that the repository's own setting holds. */
  readonly immutable?: readonly string[];
};

export type FakeHook = { slug: string; name: string; webhooks: { name: string; hook_url: string }[] };

/** The registry with its token service, and the Hub's API on the same port. Its catalog is closed. */
export class FakeDockerHub extends FakeVendor {
  readonly hooks = new Map<string, FakeHook[]>();
  logins = 0;
  readonly #options: FakeDockerHubOptions;
  readonly #tokens = new Set<string>();
  #made = 0;

  private constructor(options: FakeDockerHubOptions) {
    super();
    this.#options = options;
  }

  static async start(options: FakeDockerHubOptions = {}): Promise<FakeDockerHub> {
    const hub = new FakeDockerHub(options);
    const auth = options.account && { auth: { type: 'bearer', ...options.account } as const };
    return hub.open({ hidesCatalog: true, ...auth });
  }

  /** Manifests that were read by GET: what the Hub counts. */
  get counted(): number {
    return this.registry.calls.filter(({ method, path }) => method === 'GET' && path.includes('/manifests/')).length;
  }

  protected override answer(request: FakeRequest): FakeReply | null {
    const { method, url } = request;
    if (url.pathname === '/v2/auth/token') return this.#logIn(request);
    const [, namespace] = /^\/v2\/namespaces\/([^/]+)\/repositories$/.exec(url.pathname) ?? [];
    const [, repository, slug] =
      /^\/v2\/repositories\/([^/]+\/[^/]+)\/webhook_pipeline\/(?:([^/]+)\/)?$/.exec(url.pathname) ?? [];
    if (namespace !== undefined || repository !== undefined) {
      if (!this.#knows(request)) return jsonReply(401, { detail: 'Authentication credentials were not provided.' });
      return repository === undefined ? this.#list(url, namespace ?? '') : this.#hooks(request, repository, slug);
    }
    const [, name = '', tag = ''] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(url.pathname) ?? [];
    const isHeld = this.#options.immutable?.includes(tag) && this.registry.findTag(name, tag) !== null;
    return method === 'PUT' && isHeld
      ? jsonReply(403, { errors: [{ code: 'DENIED', message: 'tag is immutable' }] })
      : null;
  }

  #logIn({ body }: FakeRequest): FakeReply {
    const { identifier, secret } = JSON.parse(body.toString('utf8'));
    const { username, password } = this.#options.account ?? {};
    if (identifier !== username || secret !== password)
      return jsonReply(401, { detail: 'Incorrect authentication credentials' });
    this.logins++;
    const claims = Buffer.from(JSON.stringify({ exp: Math.floor(Date.now() / 1000) + 600 })).toString('base64url');
    const access_token = `e30.${claims}.${this.logins}`;
    this.#tokens.add(access_token);
    return jsonReply(200, { access_token });
  }

  #knows({ headers }: FakeRequest): boolean {
    const { account } = this.#options;
    return account === undefined || this.#tokens.has(headers.authorization?.replace(/^Bearer /, '') ?? '');
  }

  #list(url: URL, namespace: string): FakeReply {
    const names = this.registry.repositories.filter((name) => name.startsWith(`${namespace}/`));
    return this.#page(
      url,
      names.map((name) => ({ name: name.slice(namespace.length + 1), namespace })),
      2,
    );
  }

  #hooks({ method, url, body }: FakeRequest, repository: string, slug: string | undefined): FakeReply {
    const hooks = this.hooks.get(repository) ?? [];
    if (method === 'GET') return this.#page(url, hooks, 100);
    if (method === 'DELETE') {
      this.hooks.set(
        repository,
        hooks.filter((hook) => hook.slug !== slug),
      );
      return { status: hooks.some((hook) => hook.slug === slug) ? 204 : 404 };
    }
    const sent = JSON.parse(body.toString('utf8'));
    if (hooks.some(({ name }) => name === sent.name)) return jsonReply(400, { detail: 'webhook name already exists' });
    const made = { ...sent, slug: `hook-${++this.#made}` };
    this.hooks.set(repository, [...hooks, made]);
    return jsonReply(201, made);
  }

  #page(url: URL, items: readonly unknown[], size: number): FakeReply {
    const page = Number(url.searchParams.get('page') ?? 1);
    const next = new URL(url);
    next.searchParams.set('page', String(page + 1));
    const results = items.slice((page - 1) * size, page * size);
    return jsonReply(200, {
      count: items.length,
      next: items.length > page * size ? next.href : null,
      previous: null,
      results,
    });
  }
}
