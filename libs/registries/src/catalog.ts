import { DomainError } from '#domain';
import type { RegistryAdapter } from './adapter.js';
import { distribution } from './distribution/adapter.js';
import { zot } from './zot/adapter.js';

/** Every kind of registry, one folder each. */
export const REGISTRY_ADAPTERS: readonly RegistryAdapter[] = [distribution, zot];

export const REGISTRY_KINDS: readonly string[] = REGISTRY_ADAPTERS.map((adapter) => adapter.kind);

export function getAdapter(kind: string): RegistryAdapter {
  const adapter = REGISTRY_ADAPTERS.find((candidate) => candidate.kind === kind);
  if (!adapter) {
    const known = REGISTRY_KINDS.join(', ');
    throw new DomainError(
      'REGISTRY_KIND_UNKNOWN',
      `There is no registry kind ${JSON.stringify(kind)}; use one of: ${known}.`,
    );
  }
  return adapter;
}
