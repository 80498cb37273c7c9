import { FakeRegistry, type FakeRegistryOptions, type FakeReply, type FakeRequest } from '#testing';

type Answer = FakeReply | null;

/** A vendor in this process, for a test: a registry, and the vendor's own API on the same port. */
export abstract class FakeVendor {
  #registry: FakeRegistry | undefined;

  get registry(): FakeRegistry {
    if (!this.#registry) throw new Error('The fake has not started.');
    return this.#registry;
  }

  get url(): string {
    return this.registry.url;
  }

  stop(): Promise<unknown> {
    return this.registry.stop();
  }

  /** Asked before the registry; null where a request is not for the vendor. */
  protected abstract answer(request: FakeRequest): Answer | Promise<Answer>;

  protected async open(options: Omit<FakeRegistryOptions, 'vendor'> = {}): Promise<this> {
    this.#registry = await FakeRegistry.start({ ...options, vendor: (request) => this.answer(request) });
    return this;
  }
}

/** `undefined` is an empty body. */
export const jsonReply = (status: number, value?: unknown, headers: Record<string, string> = {}): FakeReply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: value === undefined ? '' : JSON.stringify(value),
});

/** A page of two, the next one named by `Link`. */
export function pageByLink(all: readonly unknown[], url: URL): FakeReply {
  const page = Number(url.searchParams.get('page') ?? 1);
  const next = new URL(url);
  next.searchParams.set('page', String(page + 1));
  const link = all.length > 2 * page ? { link: `<${next}>; rel="next",<${next}>; rel="last"` } : undefined;
  return jsonReply(200, all.slice(2 * page - 2, 2 * page), link);
}
