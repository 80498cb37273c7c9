import { FakeRegistry, type FakeReply, type FakeRequest } from '#testing';

type Hook = { id: number; type: string; active: boolean; events: string[]; config: Record<string, string> };

const json = (status: number, value: unknown = {}, headers: Record<string, string> = {}): FakeReply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});
const notFound = () => json(404, { message: 'The target couldn’t be found.' });

/** A registry that forgets what was overwritten, with Gitea's webhooks on the same port: two on a page, the secret never shown. */
export class FakeGitea {
  readonly hooks = new Map<string, Hook[]>();
  readonly #authorizations: readonly string[];
  #ids = 0;
  registry!: FakeRegistry;

  private constructor(authorizations: readonly string[]) {
    this.#authorizations = authorizations;
  }

  /** `authorizations`: those that the API takes. */
  static async start(authorizations: readonly string[] = []): Promise<FakeGitea> {
    const fake = new FakeGitea(authorizations);
    fake.registry = await FakeRegistry.start({ vendor: (request) => fake.#answer(request), forgetOverwritten: true });
    return fake;
  }

  get url(): string {
    return this.registry.url;
  }

  stop(): Promise<unknown> {
    return this.registry.stop();
  }

  #answer(request: FakeRequest): FakeReply | null {
    const path = /^\/api\/v1\/(.+)$/.exec(request.url.pathname)?.[1];
    if (path === undefined) return null;
    if (!this.#authorizations.includes(request.headers.authorization ?? ''))
      return json(401, { message: 'token is required' });
    if (path === 'user') return json(200, { login: 'Ci' });
    if (path === 'orgs/acme') return json(200, { username: 'acme' });
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
      return json(201, shown(hook));
    }
    if (id === undefined) return pageOf(hooks.map(shown), url);
    const hook = hooks.find((one) => String(one.id) === id);
    return hook ? json(200, shown(Object.assign(hook, given ?? {}))) : notFound();
  }
}

const shown = ({ config: { secret: _, ...config }, ...hook }: Hook) => ({ ...hook, config });

function pageOf(all: readonly unknown[], url: URL): FakeReply {
  const page = Number(url.searchParams.get('page') ?? 1);
  const next = new URL(url);
  next.searchParams.set('page', String(page + 1));
  const more: Record<string, string> =
    all.length > 2 * page ? { link: `<${next}>; rel="next",<${next}>; rel="last"` } : {};
  return json(200, all.slice(2 * page - 2, 2 * page), more);
}
