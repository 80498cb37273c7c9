import type { Digest, RegistryName, RepositoryName, RepositoryRef, TagName } from '#domain';

/** A tag as the record knows it. */
export type RecordedTag = {
  readonly tag: TagName;
  /** null: absent. */
  readonly digest: Digest | null;
  readonly isSealed: boolean;
};

/** What a sweep compares a registry with. Pages are ordered by name; `after` is the last name of the page before, '' for the first. */
export abstract class RecordedTags {
  abstract repositories(registry: RegistryName, after: string, limit: number): Promise<RepositoryName[]>;
  /** The tags that point at something. */
  abstract bound(repository: RepositoryRef, after: string, limit: number): Promise<RecordedTag[]>;
  /** Those of these tags that were ever seen. */
  abstract find(repository: RepositoryRef, tags: readonly TagName[]): Promise<RecordedTag[]>;
}
