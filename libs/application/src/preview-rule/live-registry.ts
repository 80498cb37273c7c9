import {
  type Digest,
  isRepositoryName,
  isTagName,
  type RegistryName,
  type RepositoryName,
  type TagName,
} from '#domain';
import { canListRepositories, type RegistryClient, RegistryError } from '../ports/registry-client.js';

const HEADS_AT_ONCE = 8;

export type LiveRegistryLimits = {
  /** Names that one listing may have. They are sorted in memory. */
  readonly names: number;
  /** For a listing, and for each tag's digest. */
  readonly answerMs: number;
};

/** What one registry has now. Every method throws `RegistryError`. */
export class LiveRegistry {
  constructor(
    private readonly name: RegistryName,
    private readonly client: RegistryClient,
    private readonly limits: LiveRegistryLimits,
  ) {}

  /** null where the registry does not tell. */
  async findRepositories(): Promise<RepositoryName[] | null> {
    if (!canListRepositories(this.client)) return null;
    try {
      return (await this.inTime(this.collect(this.client.listRepositories()))).filter(isRepositoryName);
    } catch (error) {
      if (error instanceof RegistryError && REFUSALS.has(error.code)) return null;
      throw error;
    }
  }

  async listTags(repository: RepositoryName): Promise<TagName[]> {
    return (await this.inTime(this.collect(this.client.listTags(repository)))).filter(isTagName);
  }

  /** null for a tag that is gone meanwhile; in the order of the tags. */
  async findDigests(repository: RepositoryName, tags: readonly TagName[]): Promise<(Digest | null)[]> {
    const digests: (Digest | null)[] = [];
    for (let at = 0; at < tags.length; at += HEADS_AT_ONCE) {
      const heads = tags
        .slice(at, at + HEADS_AT_ONCE)
        .map((tag) => this.inTime(this.client.findManifestHead(repository, tag)));
      digests.push(...(await Promise.all(heads)).map((head) => head?.digest ?? null));
    }
    return digests;
  }

  private async collect(listing: AsyncIterable<string>): Promise<string[]> {
    const names: string[] = [];
    for await (const name of listing) {
      if (names.length === this.limits.names)
        throw new RegistryError(
          'REGISTRY_BAD_ANSWER',
          `Registry "${this.name}" lists more than ${this.limits.names} names at once. Preview with source: record, or a narrower rule.`,
        );
      names.push(name);
    }
    return names;
  }

  /** A registry that is slow to fail would otherwise hold the whole answer up. */
  private async inTime<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.tooLate()), this.limits.answerMs);
    });
    try {
      return await Promise.race([work, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  private tooLate(): RegistryError {
    return new RegistryError(
      'REGISTRY_UNREACHABLE',
      `Registry "${this.name}" did not answer within ${this.limits.answerMs / 1_000} s. Try again later.`,
    );
  }
}

/** It answers, and will not list. */
const REFUSALS: ReadonlySet<string> = new Set(['REGISTRY_DENIED', 'REGISTRY_REFUSED', 'REGISTRY_BAD_ANSWER']);
