import { DomainError } from './domain-error.js';

type Brand<T, B extends string> = T & { readonly __brand: B };

/** `sha256:<64 hex>` or `sha512:<128 hex>`, lower case. Source: OCI image-spec, descriptor. */
export type Digest = Brand<string, 'Digest'>;
/** A repository as the registry names it, e.g. `team/app`, without the registry's host. */
export type RepositoryName = Brand<string, 'RepositoryName'>;
/** A tag, at most 128 characters. Source: OCI distribution-spec, `<reference>`. */
export type TagName = Brand<string, 'TagName'>;
/** The name that the configuration gives a registry: it stands in webhook paths and in references. */
export type RegistryName = Brand<string, 'RegistryName'>;

/** One tag of one repository of one registry. */
export type TagRef = { readonly registry: RegistryName; readonly repository: RepositoryName; readonly tag: TagName };
export type RepositoryRef = { readonly registry: RegistryName; readonly repository: RepositoryName };

/** A name that does not have the form it needs. */
export class MalformedNameError extends DomainError {
  constructor(kind: string, value: string, expected: string) {
    super('MALFORMED_NAME', `${kind} ${JSON.stringify(value.slice(0, 200))} is malformed: ${expected}`);
  }
}

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
// Wider than the distribution-spec's grammar (no upper case there): some registries allow it, and what was pushed must be recorded.
const REPOSITORY = /^[A-Za-z0-9]+(?:[._-]+[A-Za-z0-9]+)*(?:\/[A-Za-z0-9]+(?:[._-]+[A-Za-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const REGISTRY = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;

export const isDigest = (value: string): value is Digest => DIGEST.test(value);
export const isRepositoryName = (value: string): value is RepositoryName =>
  value.length <= 255 && REPOSITORY.test(value);
export const isTagName = (value: string): value is TagName => TAG.test(value);

export function parseDigest(value: string): Digest {
  if (!isDigest(value))
    throw new MalformedNameError('Digest', value, 'expected sha256:<64 hex digits> or sha512:<128 hex digits>.');
  return value;
}

export function parseRepositoryName(value: string): RepositoryName {
  if (!isRepositoryName(value)) {
    throw new MalformedNameError(
      'Repository',
      value,
      'expected path components of letters, digits, ".", "_", "-" joined by "/", at most 255 characters.',
    );
  }
  return value;
}

export function parseTagName(value: string): TagName {
  if (!isTagName(value)) {
    throw new MalformedNameError(
      'Tag',
      value,
      'expected 1 to 128 letters, digits, "_", "." or "-", not starting with "." or "-".',
    );
  }
  return value;
}

export function parseRegistryName(value: string): RegistryName {
  if (!REGISTRY.test(value)) {
    throw new MalformedNameError(
      'Registry name',
      value,
      'expected 1 to 64 lower-case letters, digits, ".", "_" or "-".',
    );
  }
  return value as RegistryName;
}

/** `registry/repository:tag`, for sentences. */
export const formatTagRef = (ref: TagRef): string => `${ref.registry}/${ref.repository}:${ref.tag}`;
