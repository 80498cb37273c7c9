import type { RegistryName } from '#domain';
import type { RegistryConfiguration } from '#platform';

export type SweptRegistry = Pick<RegistryConfiguration, 'name' | 'sweep'>;

/** The registries as they are now. */
export type SweptRegistries = {
  list(): readonly SweptRegistry[];
  onChange(listener: () => void): () => void;
};

/** How each registry is swept. One that was deleted while its sweep runs is swept to the end as it was. */
export function sweepSettings(registries: SweptRegistries): (name: RegistryName) => SweptRegistry['sweep'] {
  const last = new Map<RegistryName, SweptRegistry['sweep']>();
  return (name) => {
    const settings = registries.list().find((registry) => registry.name === name)?.sweep ?? last.get(name);
    if (settings === undefined) throw new Error(`Registry "${name}" is swept, but not configured.`);
    last.set(name, settings);
    return settings;
  };
}
