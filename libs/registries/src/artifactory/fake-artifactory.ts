import type { FakeReply, FakeRequest } from '#testing';
import { FakeVendor, jsonReply } from '../fake-vendor.js';

type Kept = { key: string; enabled: boolean; handlers: Record<string, unknown>[]; [key: string]: unknown };
const failure = (status: number, message: string) => jsonReply(status, { errors: [{ status, message }] });

/** A registry that forgets what was overwritten, with JFrog's event API and the catalogs of its repositories on the same port. */
export class FakeArtifactory extends FakeVendor {
  readonly subscriptions: Kept[] = [];
  readonly #images = new Set<string>();
  readonly #authorizations: readonly string[] | null;

  private constructor(authorizations: readonly string[] | null) {
    super();
    this.#authorizations = authorizations;
  }

  /** `authorizations`: those that the APIs take; null: any. */
  static async start(authorizations: readonly string[] | null = null): Promise<FakeArtifactory> {
    const fake = new FakeArtifactory(authorizations);
    return fake.open({ forgetOverwritten: true, hidesCatalog: true });
  }

  protected override answer(request: FakeRequest): FakeReply | null {
    const { method, url, headers } = request;
    const pushed = /^\/v2\/(.+)\/manifests\//.exec(url.pathname)?.[1];
    if (method === 'PUT' && pushed !== undefined) this.#images.add(pushed);
    if (url.pathname.startsWith('/v2/')) return null;
    if (this.#authorizations && !this.#authorizations.includes(headers.authorization ?? '')) {
      return failure(401, 'Bad credentials');
    }
    const [, repository] = /^\/artifactory\/api\/docker\/([^/]+)\/v2\/_catalog$/.exec(url.pathname) ?? [];
    if (repository !== undefined) return this.#catalog(url, repository);
    const [, , key] = /^\/event\/api\/v1\/subscriptions(\/([^/]+))?$/.exec(url.pathname) ?? [null];
    return key === null ? failure(404, 'Not Found') : this.#subscription(request, key);
  }

  /** Images below the prefix of their repository, which here is its key. */
  #catalog(url: URL, repository: string): FakeReply {
    const own = [...this.#images].filter((name) => name.startsWith(`${repository}/`));
    const after = url.searchParams.get('last') ?? '';
    const names = own.map((name) => name.slice(repository.length + 1)).filter((name) => name > after);
    return jsonReply(200, { repositories: names.sort().slice(0, Number(url.searchParams.get('n') ?? 100)) });
  }

  #subscription({ method, body }: FakeRequest, key: string | undefined): FakeReply {
    const shown = (one: Kept) => ({
      ...one,
      handlers: one.handlers.map((handler) => ({ ...handler, secret: '********' })),
    });
    if (key === undefined && method === 'GET') return jsonReply(200, this.subscriptions.map(shown));
    const at = this.subscriptions.findIndex((one) => one.key === key);
    const found = this.subscriptions[at];
    if (method === 'GET') return found ? jsonReply(200, shown(found)) : failure(404, 'Subscription not found');
    const given = JSON.parse(body.toString()) as Kept;
    if (!/^[A-Za-z][A-Za-z0-9_-]+$/.test(given.key)) return failure(400, 'key is malformed');
    if (key === undefined) {
      if (this.subscriptions.some((one) => one.key === given.key)) return failure(409, 'key exists');
      this.subscriptions.push(given);
      return jsonReply(201, shown(given));
    }
    if (!found) return failure(404, 'Subscription not found');
    this.subscriptions[at] = given;
    return jsonReply(204);
  }
}
