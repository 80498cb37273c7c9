import {
  type RegistryDeed,
  RegistryExistsError,
  type RegistryKeeping,
  RegistryOwnedByFileError,
  type RegistryToKeep,
  type StoredRegistry,
} from '#application';
import type { AnyRegistryBody } from '#contracts';
import {
  type CurrentRegistries,
  joinSecrets,
  loadOneRegistry,
  type RegistryConfiguration,
  RegistryInvalidError,
  secretPathsOf,
  splitSecrets,
} from '#platform';
import { KNOWN_KINDS } from '#registries';
import { RegistryUnknownError } from '../not-found.errors.js';
import { keptSecrets } from './kept-secrets.js';

export type CheckRegistry = (registry: RegistryConfiguration) => Promise<void>;

/** The registries that people manage. What this process knows is up to date when a call has ended; others follow within moments. */
export class ManageRegistries {
  constructor(
    private readonly registries: CurrentRegistries,
    private readonly keeping: RegistryKeeping,
  ) {}

  /** Throws `REGISTRY_EXISTS`, `REGISTRY_INVALID`, and what `check` throws. */
  async create(body: AnyRegistryBody, check: CheckRegistry, deed: RegistryDeed): Promise<void> {
    const { definition, secrets } = splitSecrets(body, secretPathsOf(kindOf(body)));
    const sent = Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== null));
    const registry = loadOneRegistry(joinSecrets(definition, texts(sent)), KNOWN_KINDS);
    if (this.registries.isOfFile(registry.name)) throw new RegistryExistsError(registry.name);
    if ((await this.findStored(registry.name)) !== null) throw new RegistryExistsError(registry.name);
    await check(registry);
    await this.keeping.create(keptOf(registry.name, definition, texts(sent)), deed);
    await this.registries.refresh();
  }

  /** Throws `REGISTRY_UNKNOWN`, `REGISTRY_OWNED_BY_FILE`, `REGISTRY_CHANGED_MEANWHILE`, `REGISTRY_INVALID`, and what `check` throws. */
  async replace(name: string, body: AnyRegistryBody, check: CheckRegistry, deed: RegistryDeed): Promise<void> {
    const before = await this.getOwn(name);
    if (body.name !== undefined && body.name !== name) {
      const message = `It is "${name}", and stays so: the record names it. To rename one, add it anew.`;
      throw new RegistryInvalidError([{ path: 'name', message }]);
    }
    const kind = kindOf(body);
    const sent = splitSecrets({ ...body, name }, secretPathsOf(kind));
    const secrets = texts(keptSecrets(before, withoutName(sent), kind));
    const registry = loadOneRegistry(joinSecrets(sent.definition, secrets), KNOWN_KINDS);
    await check(registry);
    await this.keeping.replace(keptOf(name, sent.definition, secrets), before.version, deed);
    await this.registries.refresh();
  }

  /** Throws `REGISTRY_UNKNOWN`, `REGISTRY_OWNED_BY_FILE`. */
  async delete(name: string, deed: RegistryDeed): Promise<void> {
    await this.getOwn(name);
    await this.keeping.delete(name, deed);
    await this.registries.refresh();
  }

  private async getOwn(name: string): Promise<StoredRegistry> {
    if (this.registries.isOfFile(name)) throw new RegistryOwnedByFileError(name);
    const stored = await this.findStored(name);
    if (stored === null) throw new RegistryUnknownError(name);
    return stored;
  }

  private async findStored(name: string): Promise<StoredRegistry | null> {
    return (await this.keeping.list()).find((registry) => registry.name === name) ?? null;
  }
}

const kindOf = ({ kind }: AnyRegistryBody) => KNOWN_KINDS.find((known) => known.kind === kind);

function keptOf(
  name: string,
  { name: _, ...definition }: Readonly<Record<string, unknown>>,
  secrets: RegistryToKeep['secrets'],
) {
  return { name, definition, secrets };
}

function withoutName<T extends { definition: Readonly<Record<string, unknown>> }>(sent: T): T {
  const { name: _, ...definition } = sent.definition;
  return { ...sent, definition };
}

/** Values of another type are for the configuration's own code to refuse. */
const texts = (secrets: Readonly<Record<string, unknown>>) => secrets as RegistryToKeep['secrets'];
