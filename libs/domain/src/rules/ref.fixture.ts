import { parseRegistryName, parseRepositoryName, parseTagName, type TagRef } from '../names.js';

/** `registry/repository:tag`, read. */
export const ref = (text: string): TagRef => {
  const [, registry = '', repository = '', tag = ''] = /^([^/]+)\/(.+):(.+)$/.exec(text) ?? [];
  return {
    registry: parseRegistryName(registry),
    repository: parseRepositoryName(repository),
    tag: parseTagName(tag),
  };
};
