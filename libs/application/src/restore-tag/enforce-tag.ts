import {
  decideEnforcement,
  type EnforcementPolicy,
  formatTagRef,
  instantOf,
  type KeptViolation,
  type Seal,
} from '#domain';
import { describeManifest } from '../keep-vault/describe-manifest.js';
import type { DueTag, EnforcementQueue, RestorationReport, Verdict } from '../ports/enforcement-queue.js';
import type { Log } from '../ports/log.js';
import { type RegistryClient, type RegistryClients, RegistryError } from '../ports/registry-client.js';
import type { KeptManifest, Vault } from '../ports/vault.js';
import type { SealedTree } from './put-back.js';
import { type RestoreResult, restoreTag } from './restore-tag.js';

export type EnforcementOptions = EnforcementPolicy & {
  readonly readBackDelaysMs: readonly number[];
  readonly settleMs: number;
  /** After so many attempts that failed people are told, and it is tried on. */
  readonly attemptsBeforeAlert: number;
};

/** Clock, chance and sleep, so that tests decide them. */
export type Ambience = {
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
};

/** Told of each attempt that ended, for the metrics. */
export type AttemptObserver = (registry: string, outcome: string, seconds: number) => void;

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 300_000;
const UNKNOWN_INDEX_RETRY_MS = 2_000;
const UNKNOWN_INDEX_ATTEMPTS = 5;

/** Makes one tag right: decides, restores, and writes down what came of it. */
export class EnforceTag {
  constructor(
    private readonly queue: EnforcementQueue,
    private readonly vault: Vault,
    private readonly clients: RegistryClients,
    private readonly options: EnforcementOptions,
    private readonly log: Log,
    private readonly ambience: Ambience,
    private readonly observe: AttemptObserver = () => undefined,
  ) {}

  async enforce(tag: DueTag): Promise<void> {
    const decision = decideEnforcement(tag, this.options, instantOf(this.ambience.now()));
    switch (decision.type) {
      case 'nothing':
        return this.queue.release(tag);
      case 'learnChildren':
        return this.learnChildren(tag, decision.digests);
      case 'stopFight':
        return this.stopFight(tag, decision.violations);
      case 'restore':
        return this.restore(tag, decision.seal, decision.violations, decision.readFirst);
    }
  }

  private async restore(
    tag: DueTag,
    seal: Seal,
    violations: readonly KeptViolation[],
    readFirst: boolean,
  ): Promise<void> {
    const startedMs = this.ambience.now();
    const result = await this.attempt(tag, seal, readFirst);
    if (result.type === 'settling') {
      await this.vault.keep([describeManifest(result.index)].filter((manifest) => manifest !== null));
      return this.queue.postpone(tag, UNKNOWN_INDEX_RETRY_MS, true);
    }
    this.observe(tag.ref.registry, result.report.outcome, (this.ambience.now() - startedMs) / 1_000);
    this.tell(tag, result);
    await this.queue.conclude(tag, violations, this.verdict(tag, seal, result));
  }

  private async attempt(tag: DueTag, seal: Seal, readFirst: boolean): Promise<RestoreResult> {
    const startedAt = instantOf(this.ambience.now());
    try {
      const client = this.clients.get(tag.ref.registry);
      const tree = await this.findTree(client, tag, seal);
      const { readBackDelaysMs, settleMs } = this.options;
      return await restoreTag(client, tag.ref, seal, tree, { readFirst, readBackDelaysMs, settleMs, ...this.ambience });
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      return { type: 'failed', report: { ...this.failed(error.message), startedAt }, retriable: error.retriable };
    }
  }

  /** From the vault; what the vault has not got yet the registry may still have. */
  private async findTree(client: RegistryClient, tag: DueTag, seal: Seal): Promise<SealedTree> {
    const kept = await this.vault.findTree(seal.digest);
    const fetched: KeptManifest[] = [];
    for (const digest of kept.missing) {
      const found = await client.findManifest(tag.ref.repository, digest);
      const manifest = found === null ? null : describeManifest(found);
      if (manifest !== null) fetched.push(manifest);
    }
    if (fetched.length > 0) {
      await this.vault.keep(fetched);
      return this.findTree(client, tag, seal);
    }
    const root = kept.manifests.find(({ digest }) => digest === seal.digest);
    if (root) return { root, manifests: kept.manifests };
    throw new RegistryError(
      'REGISTRY_REFUSED',
      `The sealed manifest ${seal.digest} is neither in the vault nor in the registry any more. Push the original image again under this tag.`,
    );
  }

  private verdict(tag: DueTag, seal: Seal, result: Exclude<RestoreResult, { type: 'settling' }>): Verdict {
    if (result.type === 'right') return { ...result, sealedDigest: seal.digest, mediaType: seal.mediaType };
    if (!result.retriable) return { type: 'failed', report: result.report, fight: false };
    const ceiling = Math.min(FIRST_RETRY_MS * 2 ** tag.earlierAttempts, LONGEST_RETRY_MS);
    const delayMs = ceiling / 2 + (this.ambience.random() * ceiling) / 2;
    return {
      type: 'retry',
      report: result.report,
      delayMs,
      giveUp: tag.earlierAttempts + 1 >= this.options.attemptsBeforeAlert,
    };
  }

  private failed(reason: string): RestorationReport {
    const at = instantOf(this.ambience.now());
    return { outcome: 'failed', startedAt: at, endedAt: at, restoredAt: null, reason, missingBlobs: [] };
  }

  private tell(tag: DueTag, { report, ...result }: Exclude<RestoreResult, { type: 'settling' }>): void {
    const fields = { ...tag.ref, attempt: tag.earlierAttempts + 1 };
    const name = formatTagRef(tag.ref);
    if (result.type === 'right') {
      const did = report.outcome === 'restored' ? 'put back' : 'found right already';
      this.log.info(`${name}: the sealed digest was ${did} and has stood still.`, {
        ...fields,
        digest: tag.seal?.digest,
      });
    } else {
      const next = result.retriable ? 'Trying again later.' : 'Not trying again by itself.';
      this.log.warn(`${name} could not be restored: ${report.reason} ${next}`, fields);
    }
  }

  private async stopFight(tag: DueTag, violations: readonly KeptViolation[]): Promise<void> {
    const actors = [...new Set(violations.map(({ actor }) => actor ?? 'somebody unnamed'))].join(', ');
    const reason = `Another writer (${actors}) keeps changing this tag: it was restored ${tag.recentRestorations} times within the window, and is left alone now. Find that writer, then restore by hand.`;
    this.log.error(`${formatTagRef(tag.ref)}: fight breaker tripped. ${reason}`, { ...tag.ref });
    const report = this.failed(reason);
    await this.queue.conclude(tag, violations, { type: 'failed', report, fight: true });
  }

  /** Until the children of a pushed index are known nobody can tell an overwrite from a client that is still pushing. */
  private async learnChildren(tag: DueTag, digests: readonly KeptManifest['digest'][]): Promise<void> {
    try {
      const client = this.clients.get(tag.ref.registry);
      const found = await Promise.all(digests.map((digest) => client.findManifest(tag.ref.repository, digest)));
      const manifests = found
        .map((manifest) => (manifest === null ? null : describeManifest(manifest)))
        .filter((one) => one !== null);
      await this.vault.keep(manifests);
      if (manifests.length === digests.length) return await this.queue.postpone(tag, UNKNOWN_INDEX_RETRY_MS, true);
    } catch (error) {
      if (!(error instanceof RegistryError && error.retriable)) throw error;
      this.log.warn(`${formatTagRef(tag.ref)}: cannot learn what the pushed index lists: ${error.message}`, {
        ...tag.ref,
      });
      return this.queue.postpone(
        tag,
        Math.min(UNKNOWN_INDEX_RETRY_MS * 2 ** tag.earlierAttempts, LONGEST_RETRY_MS),
        false,
      );
    }
    if (tag.earlierAttempts + 1 < UNKNOWN_INDEX_ATTEMPTS)
      return this.queue.postpone(tag, UNKNOWN_INDEX_RETRY_MS, false);
    const reason = `The pushed index ${digests.join(', ')} is gone from the registry, so nobody can tell whether it belonged to the sealed image. Look at the tag, then restore by hand or accept.`;
    const report = this.failed(reason);
    await this.queue.conclude(tag, tag.violations, { type: 'failed', report, fight: false });
  }
}
