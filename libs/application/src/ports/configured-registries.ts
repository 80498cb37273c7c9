import type { RegistryName } from '#domain';

/** A registry as people may see it: no secrets. */
export type ConfiguredRegistry = { readonly name: RegistryName; readonly kind: string; readonly url: string };

export abstract class ConfiguredRegistries {
  abstract list(): readonly ConfiguredRegistry[];
}
