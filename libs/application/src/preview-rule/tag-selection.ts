import { compileRule, type RegistryName, type RepositoryName, type RuleDefinition, type TagName } from '#domain';
import type { TagSelection } from '../ports/rule-replay.js';

/** Any names will do where a selector takes every one. */
const ANY = { repository: 'any' as RepositoryName, tag: 'any' as TagName };

/** Which tags the rule covers, were it enabled. Throws `RULE_MALFORMED`. */
export function tagSelectionOf(definition: RuleDefinition): TagSelection {
  const { name, registries, repositories } = definition;
  const rule = compileRule(definition);
  const everyTag = compileRule({ name, registries, repositories, tags: { all: true } });
  const everything = compileRule({ name, registries, tags: { all: true } });
  return {
    covers: (ref) => rule.covers(ref),
    reachesRepository: ({ registry, repository }) => everyTag.covers({ registry, repository, tag: ANY.tag }),
    reachesRegistry: (registry: RegistryName) => everything.covers({ registry, ...ANY }),
  };
}
