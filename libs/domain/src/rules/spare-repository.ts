import type { RegistryName, RepositoryName, RepositoryRef } from '../names.js';
import type { CompiledRule } from './compile-rule.js';

/**
 * The rule, with one repository of each registry taken out of it whatever its patterns say: there the service itself keeps copies, and to
 * seal those would be to guard the guard.
 */
export function spareRepository(
  compiled: CompiledRule,
  sparedOf: (registry: RegistryName) => RepositoryName | null,
): CompiledRule {
  const isSpared = ({ registry, repository }: RepositoryRef): boolean => sparedOf(registry) === repository;
  return {
    ...compiled,
    covers: (ref) => !isSpared(ref) && compiled.covers(ref),
    mayCoverRepository: (ref) => !isSpared(ref) && compiled.mayCoverRepository(ref),
    judge: (ref) =>
      isSpared(ref)
        ? { covered: false, selector: 'repositories', because: 'excluded', pattern: ref.repository }
        : compiled.judge(ref),
  };
}
