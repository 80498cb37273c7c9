import { type Digest, instantOf, messageOf, protectionOf } from '#domain';
import type { CurrentRules } from '../ports/current-rules.js';
import type { DueGuard, GuardQueue } from '../ports/guard-queue.js';
import type { Log } from '../ports/log.js';
import { type RegistryClient, type RegistryClients, RegistryError } from '../ports/registry-client.js';
import type { KeptManifest, Vault } from '../ports/vault.js';
import type { GuardPlaceOf } from './guard-place.js';
import { guardTree } from './guard-tree.js';

export type GuardOptions = {
  readonly placeOf: GuardPlaceOf;
  /** A proof is worth so much time, a tenth more or less. */
  readonly proveEveryMs: number;
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
};

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 3_600_000;

/** Brings what is sealed into the guard repository of its registry, and proves from time to time that it is still there. */
export class GuardSeal {
  constructor(
    private readonly queue: GuardQueue,
    private readonly vault: Vault,
    private readonly clients: RegistryClients,
    private readonly rules: CurrentRules,
    private readonly options: GuardOptions,
    private readonly log: Log,
  ) {}

  async guard(due: DueGuard): Promise<void> {
    const place = this.options.placeOf(due.registry);
    if (place === null || !(await this.isWanted(due))) return this.queue.drop(due);
    try {
      const client = this.clients.get(due.registry);
      const manifests = await this.findKept(client, due);
      if (manifests === null) return await this.queue.postpone(due, this.backoffMs(due), null);
      const why = await guardTree(client, due.repository, place, manifests);
      if (why === null) await this.proven(due);
      else await this.failed(due, why, 0);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      await this.failed(due, messageOf(error), error.retryAfterMs ?? 0);
    }
  }

  /** A tag that is sealed on it has a rule that asks for a guard, just now. */
  private async isWanted(due: DueGuard): Promise<boolean> {
    const tags = await this.queue.findSealedTags(due);
    const { history } = await this.rules.upToDate();
    const inForce = history.rulesAt(instantOf(this.options.now()));
    const { registry, repository } = due;
    return tags.some((tag) => protectionOf(inForce, { registry, repository, tag })?.guard === true);
  }

  /**
   * The manifest with all that it lists, children before parents; null while the vault has not got it whole. An index need not be whole:
   * what the registry has not got either is not waited for.
   */
  private async findKept(client: RegistryClient, due: DueGuard): Promise<readonly KeptManifest[] | null> {
    const { manifests, missing } = await this.vault.findTree(due.digest);
    if (missing.includes(due.digest)) return null;
    for (const digest of missing) if (await this.isInRegistry(client, due, digest)) return null;
    return manifests;
  }

  private async isInRegistry(client: RegistryClient, { repository }: DueGuard, digest: Digest): Promise<boolean> {
    return (await client.findManifestHead(repository, digest)) !== null;
  }

  private async proven(due: DueGuard): Promise<void> {
    const { proveEveryMs, now, random } = this.options;
    if (due.attempts > 1) this.log.info(`${nameOf(due)} is in the guard repository now.`, fieldsOf(due));
    await this.queue.proven(due, instantOf(now()), Math.round(proveEveryMs * (0.9 + 0.2 * random())));
  }

  private async failed(due: DueGuard, reason: string, askedMs: number): Promise<void> {
    if (due.attempts === 1) {
      this.log.warn(`${nameOf(due)} is not in the guard repository: ${reason}`, fieldsOf(due));
    }
    await this.queue.postpone(due, Math.max(askedMs, this.backoffMs(due)), reason);
  }

  private backoffMs({ attempts }: DueGuard): number {
    const ceiling = Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempts - 1, 20), LONGEST_RETRY_MS);
    return Math.round(ceiling * (0.5 + this.options.random() / 2));
  }
}

const nameOf = ({ registry, repository, digest }: DueGuard): string => `${registry}/${repository}@${digest}`;
const fieldsOf = ({ registry, repository, digest }: DueGuard) => ({ registry, repository, digest });
