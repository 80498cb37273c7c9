import { type RegistryClient, RegistryClients, RegistryError } from '#application';
import type { RegistryName } from '#domain';
import type { ClientSettings, CloseableRegistryClient, RegistryClientOptions } from './adapter.js';
import { getAdapter } from './catalog.js';

class ConfiguredRegistryClients extends RegistryClients {
  readonly #clients: ReadonlyMap<RegistryName, CloseableRegistryClient>;

  constructor(clients: ReadonlyMap<RegistryName, CloseableRegistryClient>) {
    super();
    this.#clients = clients;
  }

  override get(registry: RegistryName): RegistryClient {
    const client = this.#clients.get(registry);
    if (!client) {
      throw new RegistryError(
        'REGISTRY_UNKNOWN',
        `No registry named "${registry}" is configured; add it to registries.`,
      );
    }
    return client;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }
}

export type CloseableRegistryClients = RegistryClients & { close(): Promise<void> };

/** One client a registry, each with its own connections: a registry that hangs starves no other. */
export function createRegistryClients(
  configs: readonly RegistryClientOptions[],
  settings: ClientSettings = {},
): CloseableRegistryClients {
  const create = (options: RegistryClientOptions) => getAdapter(options.kind).createClient(options, settings);
  return new ConfiguredRegistryClients(new Map(configs.map((options) => [options.name, create(options)])));
}
