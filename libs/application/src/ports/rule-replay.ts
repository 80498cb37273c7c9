import type {
  Binding,
  Digest,
  RegistryName,
  ReplayWindow,
  RepositoryName,
  RepositoryRef,
  TagRef,
  TimelineEvent,
} from '#domain';

/** The last tag that a page held: its registry, repository and name. The order is that of the one who lists. */
export type TagPosition = readonly [registry: string, repository: string, tag: string];

/** The tags that a rule covers. */
export type TagSelection = {
  covers(ref: TagRef): boolean;
  /** Whether it can cover a tag of this repository. */
  reachesRepository(ref: RepositoryRef): boolean;
  reachesRegistry(registry: RegistryName): boolean;
};

/** A tag as it is now; digest null: it is gone, and its seal outlives it. */
export type CoveredTag = TagRef & { readonly digest: Digest | null; readonly sealed: boolean };

/** `end` is null on the last page. A page may hold fewer tags than were asked for, and still not be the last. */
export type CoveredPage = { readonly tags: readonly CoveredTag[]; readonly end: TagPosition | null };

/** What befell a tag within a window. */
export type TagWindow = {
  readonly ref: TagRef;
  /** What it pointed at when the window began. */
  readonly binding: Binding | null;
  /** In order, without doubles; of what befell the whole repository only what may have changed this tag. */
  readonly events: readonly TimelineEvent[];
};

/** Some covered tags' windows. */
export type WindowPage = {
  /** Of the covered tags, those that anything befell. */
  readonly windows: readonly TagWindow[];
  readonly covered: number;
  /** Tags looked at, the covered ones among them. */
  readonly examined: number;
  /** What the manifests list that these windows are about, as far as it is known. */
  readonly children: ReadonlyMap<Digest, readonly Digest[]>;
  readonly end: TagPosition | null;
};

/** The record, as one asks it about a rule that is not saved. Reads only. Rejects with a retriable error while the database cannot be reached. */
export abstract class ReplayableRecord {
  /** Covered tags that stand or are sealed, by name. */
  abstract listCovered(selection: TagSelection, after: TagPosition | null, limit: number): Promise<CoveredPage>;
  /** Page by page, until the caller has enough. Holds about ten thousand events at a time, or one tag's where that has more. */
  abstract walk(selection: TagSelection, window: ReplayWindow, after: TagPosition | null): AsyncIterable<WindowPage>;
  /** Those of them that are sealed, by `formatTagRef`. */
  abstract findSealed(refs: readonly TagRef[]): Promise<ReadonlySet<string>>;
  /** The repositories of a registry that have a tag in the record, at most `limit`. */
  abstract listRepositories(registry: RegistryName, limit: number): Promise<RepositoryName[]>;
}
