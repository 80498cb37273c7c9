import pLimit from 'p-limit';
import type { RegistryName } from '#domain';
import { type RegistryClient, RegistryClients } from './ports/registry-client.js';

export type RequestLimits = {
  readonly atATime: number;
  /** Waited for before each request; of a list, before its first page. */
  readonly turn?: () => Promise<void>;
};

/**
 * The same registries, each with so many requests at a time, and no faster than they get a turn. Work that mostly waits, as reading back does,
 * may then be taken in numbers: it is the requests that a registry feels. A registry that has changed has another client, and its limits anew.
 */
export class LimitedRegistryClients extends RegistryClients {
  private readonly clients = new Map<RegistryName, { readonly of: RegistryClient; readonly limited: RegistryClient }>();

  constructor(
    private readonly all: RegistryClients,
    private readonly limits: number | ((registry: RegistryName) => RequestLimits),
  ) {
    super();
  }

  override get(registry: RegistryName): RegistryClient {
    const client = this.all.get(registry);
    const known = this.clients.get(registry);
    if (known?.of === client) return known.limited;
    const limits = typeof this.limits === 'number' ? { atATime: this.limits } : this.limits(registry);
    const fresh = { of: client, limited: limited(client, limits) };
    this.clients.set(registry, fresh);
    return fresh.limited;
  }
}

type Method = (...parameters: unknown[]) => unknown;

/** What is answered page by page: while it is read, nobody else waits for it. */
const LISTS: ReadonlySet<PropertyKey> = new Set(['listTags', 'listRepositories']);

/** A client with the same powers, the optional ones too; `in` answers for it as for the client itself. */
function limited(client: RegistryClient, { atATime, turn = async () => undefined }: RequestLimits): RegistryClient {
  const limit = pLimit(atATime);
  const methods = new Map<PropertyKey, Method>();
  const limitedMethod = (name: PropertyKey, method: Method): Method =>
    LISTS.has(name)
      ? async function* (...parameters) {
          await turn();
          yield* method.apply(client, parameters) as AsyncIterable<string>;
        }
      : (...parameters) =>
          limit(async () => {
            await turn();
            return method.apply(client, parameters);
          });
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const known = methods.get(name) ?? limitedMethod(name, value as Method);
      methods.set(name, known);
      return known;
    },
  });
}
