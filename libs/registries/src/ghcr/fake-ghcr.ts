import type { FakeReply, FakeRequest } from '#testing';
import { FakeVendor, jsonReply, pageByLink } from '../fake-vendor.js';

export type FakeGhcrOptions = {
  /** The token that the API wants; anybody may, where there is none. */
  readonly token?: string;
  readonly organisations?: readonly string[];
};

type Hook = { id: number; active: boolean; events: string[]; config: Record<string, string> };
const notFound = () => jsonReply(404, { message: 'Not Found' });

/** A registry whose DELETE is closed, with GitHub's API on the same port: webhooks, packages, and versions deleted and had back. */
export class FakeGhcr extends FakeVendor {
  readonly hooks = new Map<string, Hook[]>();
  /** What clients may not have: a restored version is readable again. */
  readonly #deleted = new Map<string, { id: number; bring: () => Promise<unknown> }>();
  readonly #deletedPackages = new Map<string, () => Promise<unknown>>();
  readonly #known = new Set<string>();
  readonly #options: FakeGhcrOptions;
  #ids = 100;

  private constructor(options: FakeGhcrOptions) {
    super();
    this.#options = options;
  }

  static async start(options: FakeGhcrOptions = {}): Promise<FakeGhcr> {
    const fake = new FakeGhcr(options);
    return fake.open({ hidesCatalog: true });
  }

  /** Only by the REST API in the real one. */
  readonly deleteManifest = async (repository: string, digest: string): Promise<unknown> =>
    this.registry.deleteReference(repository, digest);

  /** Deleted with its layers, for 30 days; `bring` puts it back. */
  deleteVersion(digest: string, bring: () => Promise<unknown>): void {
    this.#deleted.set(digest, { id: ++this.#ids, bring });
  }

  /** With its last version the whole package goes. */
  deletePackage(name: string, bring: () => Promise<unknown>): void {
    this.#deletedPackages.set(name, bring);
  }

  protected override answer(request: FakeRequest): FakeReply | null | Promise<FakeReply> {
    const { method, url, headers } = request;
    const [, repository] = /^\/v2\/(.+)\/manifests\//.exec(url.pathname) ?? [];
    if (repository !== undefined && method === 'DELETE')
      return jsonReply(405, { errors: [{ code: 'UNSUPPORTED', message: '' }] });
    if (repository !== undefined && method === 'PUT') this.#known.add(repository);
    if (url.pathname.startsWith('/v2/')) return null;
    const { token } = this.#options;
    if (token !== undefined && headers.authorization !== `Bearer ${token}`)
      return jsonReply(401, { message: 'Bad credentials' });
    return this.#api(request);
  }

  #api(request: FakeRequest): FakeReply | Promise<FakeReply> {
    const [, place = '', rest = ''] =
      /^\/((?:orgs|users)\/[^/]+|repos\/[^/]+\/[^/]+)(\/.*)?$/.exec(request.url.pathname) ?? [];
    const [type, name = ''] = place.split('/');
    const isOrganisation = (this.#options.organisations ?? ['acme', 'cat', 'team']).includes(name);
    if (type === '' || (type === 'orgs' && !isOrganisation)) return notFound();
    if (rest === '') return jsonReply(200, { login: name });
    if (rest.startsWith('/hooks')) return this.#hook(request, place, rest.split('/')[2]);
    const [, deleted = ''] = /^\/packages\/container\/([^/]+)/.exec(rest) ?? [];
    if (this.#deletedPackages.has(deleted)) return this.#restorePackage(request, rest, deleted);
    if (rest === '/packages') return this.#packages(request.url, name);
    return this.#versions(request, rest);
  }

  #hook({ method, body }: FakeRequest, place: string, id: string | undefined): FakeReply {
    const hooks = this.hooks.get(place) ?? [];
    this.hooks.set(place, hooks);
    // The secret is never shown.
    const shown = (hook: Hook) => ({ ...hook, config: { ...hook.config, secret: '********' } });
    if (id === undefined && method === 'GET') return jsonReply(200, hooks.map(shown));
    const given = method === 'GET' ? null : (JSON.parse(body.toString()) as Omit<Hook, 'id'>);
    if (id === undefined && given) {
      if (hooks.some((hook) => hook.config.url === given.config.url))
        return jsonReply(422, { message: 'Hook already exists' });
      const hook = { ...given, id: ++this.#ids };
      hooks.push(hook);
      return jsonReply(201, shown(hook));
    }
    const hook = hooks.find((one) => String(one.id) === id);
    if (!hook) return notFound();
    return jsonReply(200, shown(Object.assign(hook, given ?? {})));
  }

  #packages(url: URL, owner: string): FakeReply {
    if (url.searchParams.get('package_type') !== 'container')
      return jsonReply(400, { message: 'package_type is missing' });
    const own = [...this.#known]
      .filter((each) => each.startsWith(`${owner}/`))
      .map((each) => each.slice(owner.length + 1));
    return pageByLink(
      own.map((name) => ({ name, owner: { login: owner.toUpperCase() } })),
      url,
    );
  }

  async #restorePackage({ method }: FakeRequest, rest: string, name: string): Promise<FakeReply> {
    if (method !== 'POST' || rest !== `/packages/container/${name}/restore`) return notFound();
    await this.#deletedPackages.get(name)?.();
    this.#deletedPackages.delete(name);
    return { status: 204 };
  }

  async #versions({ method, url }: FakeRequest, rest: string): Promise<FakeReply> {
    const [, id, action] = /^\/packages\/container\/[^/]+\/versions(?:\/(\d+)\/(restore))?$/.exec(rest) ?? [];
    if (method === 'GET' && id === undefined && url.searchParams.get('state') === 'deleted') {
      return jsonReply(
        200,
        [...this.#deleted].map(([name, version]) => ({ id: version.id, name })),
      );
    }
    const found = [...this.#deleted].find(([, version]) => String(version.id) === id);
    if (method !== 'POST' || action !== 'restore' || !found) return notFound();
    await found[1].bring();
    this.#deleted.delete(found[0]);
    return { status: 204 };
  }
}
