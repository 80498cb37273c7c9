import { parseTagName, type RegistryName, type RepositoryName, type TagRef } from '../names.js';
import { deriveId } from '../registry-event.js';
import { type CompiledRule, compileRule } from './compile-rule.js';

/** The tag of a registry that the service itself pushes and overwrites, to see whether it is put back. */
export const canaryTag = (registry: RegistryName, repository: RepositoryName): TagRef => ({
  registry,
  repository,
  tag: parseTagName('canary'),
});

/** The built-in rule that covers a registry's canary, and nothing else. Its id derives from the registry, not from its name. */
export function canaryRule(registry: RegistryName, repository: RepositoryName): CompiledRule {
  const { tag } = canaryTag(registry, repository);
  return compileRule(
    {
      name: `canary of ${registry}`,
      registries: [registry],
      repositories: { matching: [repository] },
      tags: { matching: [tag] },
      mode: 'enforce',
    },
    { id: canaryRuleId(registry), origin: 'file' },
  );
}

const canaryRuleId = (registry: RegistryName): string => deriveId('canary rule', registry);

/** Whether a violation is the service's own doing. */
export const isOfCanary = ({
  registry,
  rule,
}: {
  readonly registry: RegistryName;
  readonly rule: { readonly id: string };
}): boolean => rule.id === canaryRuleId(registry);
