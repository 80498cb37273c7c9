import {
  type Digest,
  formatTagRef,
  type RegistryName,
  type RepositoryName,
  type RepositoryRef,
  type TagRef,
} from '#domain';
import { type RegistryClients, RegistryError } from '../ports/registry-client.js';
import type { CoveredPage, ReplayableRecord, TagPosition, TagSelection } from '../ports/rule-replay.js';
import { LiveRegistry, type LiveRegistryLimits } from './live-registry.js';

/** What one call asks of registries at most, beside a HEAD for each tag that it answers. */
export type LiveLimits = LiveRegistryLimits & {
  /** Repositories whose tags are listed. */
  readonly repositories: number;
};

const LIMITS: LiveLimits = { repositories: 50, names: 100_000, answerMs: 10_000 };

/** After every tag of a repository: no tag has this character. */
const AFTER_ALL = '~';

type Problem = { readonly registry: RegistryName; readonly message: string };
type FoundTag = TagRef & { readonly digest: Digest | null };

export type LivePage = CoveredPage & { readonly problems: readonly Problem[] };

/** Covered tags as the registries list them now. */
export class LiveTags {
  constructor(
    private readonly clients: RegistryClients,
    private readonly record: ReplayableRecord,
    private readonly registries: () => readonly RegistryName[],
    private readonly limits: LiveLimits = LIMITS,
  ) {}

  /** By registry, repository and tag. A registry that cannot be listed is a problem on the page, and no error. */
  async list(selection: TagSelection, after: TagPosition | null, limit: number): Promise<LivePage> {
    const page = new GrowingPage(selection, after, limit, this.limits.repositories);
    const reached = this.registries().filter((name) => selection.reachesRegistry(name) && name >= (after?.[0] ?? ''));
    for (const registry of reached.sort()) {
      if (page.isFull()) break;
      await this.listRegistry(registry, selection, page);
    }
    const sealed = page.found.length > 0 ? await this.record.findSealed(page.found) : new Set<string>();
    const tags = page.found.map((tag) => ({ ...tag, sealed: sealed.has(formatTagRef(tag)) }));
    return { tags, end: page.isFull() ? page.end : null, problems: page.problems };
  }

  private async listRegistry(name: RegistryName, selection: TagSelection, page: GrowingPage): Promise<void> {
    try {
      const registry = new LiveRegistry(name, this.clients.get(name), this.limits);
      for (const repository of await this.repositoriesOf(name, registry, page)) {
        const isReached = selection.reachesRepository({ registry: name, repository });
        if (!isReached || page.isBehind({ registry: name, repository })) continue;
        if (page.isFull()) return;
        await page.take({ registry: name, repository }, registry);
      }
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      page.problems.push({ registry: name, message: error.message });
    }
  }

  /** The listed and the recorded ones: a registry may hide what it has, and the record may not have seen it. */
  private async repositoriesOf(
    name: RegistryName,
    registry: LiveRegistry,
    { problems }: GrowingPage,
  ): Promise<RepositoryName[]> {
    const listed = await registry.findRepositories();
    const recorded = await this.record.listRepositories(name, this.limits.names);
    if (listed === null) {
      const message = `Registry "${name}" does not list its repositories: only those that have been recorded were looked at.`;
      problems.push({ registry: name, message });
    }
    return [...new Set([...(listed ?? []), ...recorded])].sort();
  }
}

/** The page as it comes about, and where it ends. */
class GrowingPage {
  readonly found: FoundTag[] = [];
  readonly problems: Problem[] = [];
  end: TagPosition | null;
  private listed = 0;

  constructor(
    private readonly selection: TagSelection,
    private readonly after: TagPosition | null,
    private readonly limit: number,
    private readonly maxListed: number,
  ) {
    this.end = after;
  }

  isFull(): boolean {
    return this.found.length >= this.limit || this.listed >= this.maxListed;
  }

  /** Whether an earlier page had all of this repository. */
  isBehind({ registry, repository }: RepositoryRef): boolean {
    if (this.after === null || this.after[0] !== registry) return false;
    return repository < this.after[1] || (repository === this.after[1] && this.after[2] === AFTER_ALL);
  }

  async take({ registry, repository }: RepositoryRef, from: LiveRegistry): Promise<void> {
    const isResumed = this.after?.[0] === registry && this.after[1] === repository;
    const first = isResumed ? (this.after?.[2] ?? '') : '';
    this.listed += 1;
    const covered = (await from.listTags(repository)).filter(
      (tag) => tag > first && this.selection.covers({ registry, repository, tag }),
    );
    const tags = covered.sort().slice(0, this.limit - this.found.length);
    const digests = await from.findDigests(repository, tags);
    this.found.push(...tags.map((tag, index) => ({ registry, repository, tag, digest: digests[index] ?? null })));
    const last = tags.length < covered.length ? tags.at(-1) : undefined;
    this.end = [registry, repository, last ?? AFTER_ALL];
  }
}
