import type { FakeReply, FakeRequest } from '#testing';
import { FakeVendor, jsonReply, pageByLink } from '../fake-vendor.js';

type Hook = { id: number; type: string; active: boolean; events: string[]; config: Record<string, string> };
const notFound = () => jsonReply(404, { message: 'The target couldn’t be found.' });

/** A registry that forgets what was overwritten, with Gitea's webhooks on the same port: two on a page, the secret never shown. */
export class FakeGitea extends FakeVendor {
  readonly hooks = new Map<string, Hook[]>();
  readonly #authorizations: readonly string[];
  #ids = 0;

  private constructor(authorizations: readonly string[]) {
    super();
    this.#authorizations = authorizations;
  }

  /** `authorizations`: those that the API takes. */
  static async start(authorizations: readonly string[] = []): Promise<FakeGitea> {
    const fake = new FakeGitea(authorizations);
    return fake.open({ forgetOverwritten: true });
  }

  protected override answer(request: FakeRequest): FakeReply | null {
    const path = /^\/api\/v1\/(.+)$/.exec(request.url.pathname)?.[1];
    if (path === undefined) return null;
    if (!this.#authorizations.includes(request.headers.authorization ?? ''))
      return jsonReply(401, { message: 'token is required' });
    if (path === 'user') return jsonReply(200, { login: 'Ci' });
    if (path === 'orgs/acme') return jsonReply(200, { username: 'acme' });
    const [, place, id] = /^(orgs\/acme|user|repos\/[^/]+\/[^/]+)\/hooks(?:\/(\d+))?$/.exec(path) ?? [];
    return place === undefined ? notFound() : this.#hook(request, place, id);
  }

  #hook({ method, body, url }: FakeRequest, place: string, id: string | undefined): FakeReply {
    const hooks = this.hooks.get(place) ?? [];
    this.hooks.set(place, hooks);
    const given = method === 'GET' ? null : (JSON.parse(body.toString()) as Omit<Hook, 'id'>);
    if (id === undefined && given) {
      const hook = { ...given, id: ++this.#ids };
      hooks.push(hook);
      return jsonReply(201, shown(hook));
    }
    if (id === undefined) return pageByLink(hooks.map(shown), url);
    const hook = hooks.find((one) => String(one.id) === id);
    return hook ? jsonReply(200, shown(Object.assign(hook, given ?? {}))) : notFound();
  }
}

const shown = ({ config: { secret: _, ...config }, ...hook }: Hook) => ({ ...hook, config });
