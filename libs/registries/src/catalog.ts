import { DomainError } from '#domain';
import { acr } from './acr/adapter.js';
import type { RegistryAdapter } from './adapter.js';
import { artifactory } from './artifactory/adapter.js';
import { distribution } from './distribution/adapter.js';
import { dockerhub } from './dockerhub/adapter.js';
import { ecr } from './ecr/adapter.js';
import { gar } from './gar/adapter.js';
import { ghcr } from './ghcr/adapter.js';
import { gitea } from './gitea/adapter.js';
import { gitlab } from './gitlab/adapter.js';
import { harbor } from './harbor/adapter.js';
import { nexus } from './nexus/adapter.js';
import { quay } from './quay/adapter.js';
import { zot } from './zot/adapter.js';

/** Every kind of registry, one folder each, by name. */
export const REGISTRY_ADAPTERS: readonly RegistryAdapter[] = [
  acr,
  artifactory,
  distribution,
  dockerhub,
  ecr,
  gar,
  ghcr,
  gitea,
  gitlab,
  harbor,
  nexus,
  quay,
  zot,
];

export const REGISTRY_KINDS: readonly string[] = REGISTRY_ADAPTERS.map((adapter) => adapter.kind);

/** What the configuration must know of each kind. */
export const KNOWN_KINDS = REGISTRY_ADAPTERS.map(({ kind, sender, options = [] }) => ({
  kind,
  webhookSecrets: sender.secrets,
  options: options.filter(({ secret }) => secret !== true),
  secretOptions: options.filter(({ secret }) => secret === true),
}));

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
