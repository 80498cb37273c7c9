import { type RegistryClient, RegistryClients, RegistryError } from '#application';
import type { RegistryName } from '#domain';
import type { ClientSettings, CloseableRegistryClient, RegistryClientOptions } from './adapter.js';
import { getAdapter } from './catalog.js';

/** Work that holds a client whose registry has changed may go on with it: longer than an attempt to restore takes. */
const RETIREMENT_MS = 60_000;

type Known = { readonly options: RegistryClientOptions } & (
  | { readonly client: CloseableRegistryClient }
  | { readonly client: null; readonly refusal: unknown }
);
type Retired = { readonly client: CloseableRegistryClient; readonly timer: NodeJS.Timeout };

/** One client a registry, each with its own connections: a registry that hangs starves no other. */
export class FollowingRegistryClients extends RegistryClients {
  #known: ReadonlyMap<RegistryName, Known> = new Map();
  readonly #retired = new Set<Retired>();
  readonly #settings: ClientSettings;
  readonly #retirementMs: number;

  constructor(settings: ClientSettings = {}, retirementMs = RETIREMENT_MS) {
    super();
    this.#settings = settings;
    this.#retirementMs = retirementMs;
  }

  override get(registry: RegistryName): RegistryClient {
    const known = this.#known.get(registry);
    if (!known) {
      throw new RegistryError(
        'REGISTRY_UNKNOWN',
        `No registry named "${registry}" is configured; add it to registries.`,
      );
    }
    if (known.client === null) throw known.refusal;
    return known.client;
  }

  /**
   * These registries from now on. One whose options are the same object keeps its client; a client whose registry has changed or is gone
   * takes nothing new, and is closed when what runs has had time to end. Answers what adapters refuse of those that are new: nobody
   * reaches these.
   */
  follow(all: readonly RegistryClientOptions[]): unknown[] {
    const before = this.#known;
    const known = new Map<RegistryName, Known>();
    for (const options of all) {
      const same = before.get(options.name);
      known.set(options.name, same?.options === options ? same : this.#create(options));
    }
    this.#known = known;
    for (const [name, { client }] of before)
      if (client !== null && known.get(name)?.client !== client) this.#retire(client);
    return [...known].flatMap(([name, one]) => (one.client === null && before.get(name) !== one ? [one.refusal] : []));
  }

  async close(): Promise<void> {
    const retired = [...this.#retired];
    for (const { timer } of retired) clearTimeout(timer);
    this.#retired.clear();
    await Promise.all([...retired, ...this.#known.values()].map(({ client }) => client?.close()));
  }

  #create(options: RegistryClientOptions): Known {
    try {
      return { options, client: getAdapter(options.kind).createClient(options, this.#settings) };
    } catch (refusal) {
      return { options, client: null, refusal };
    }
  }

  #retire(client: CloseableRegistryClient): void {
    const end = () => {
      this.#retired.delete(retired);
      void client.close().catch(() => undefined);
    };
    const retired = { client, timer: setTimeout(end, this.#retirementMs).unref() };
    this.#retired.add(retired);
  }
}

export type CloseableRegistryClients = RegistryClients & { close(): Promise<void> };

/** The clients of registries that stay as they are. Throws what an adapter refuses. */
export function createRegistryClients(
  configs: readonly RegistryClientOptions[],
  settings: ClientSettings = {},
): CloseableRegistryClients {
  const clients = new FollowingRegistryClients(settings);
  const [refusal] = clients.follow(configs);
  if (refusal !== undefined) throw refusal;
  return clients;
}
