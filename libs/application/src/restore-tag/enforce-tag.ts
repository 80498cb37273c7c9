import {
  assertUnreachable,
  type Digest,
  decideEnforcement,
  type EnforcementDecision,
  type EnforcementPolicy,
  explainRevocation,
  findHindrance,
  formatTagRef,
  type Instant,
  instantOf,
  type KeptViolation,
  rulingOf,
  type Seal,
  type SealedTagChange,
  standingChange,
  type TagRuling,
} from '#domain';
import type { GuardPlaceOf } from '../guard-seal/guard-place.js';
import { describeManifest } from '../keep-vault/describe-manifest.js';
import type { CurrentRules } from '../ports/current-rules.js';
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
  /** Where blobs that are gone may still be. Default: nowhere. */
  readonly guardPlaceOf?: GuardPlaceOf;
};

/** Clock, chance and sleep, so that tests decide them. */
export type Ambience = {
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
};

/** Told of each attempt that ended, for the metrics. */
export type AttemptObserver = (registry: string, outcome: string, seconds: number) => void;

/** An attempt that ended with the tag right, or not. */
type Ended = Exclude<RestoreResult, { type: 'settling' | 'overtaken' }>;
type Restore = Extract<EnforcementDecision, { type: 'restore' }>;

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 300_000;
const UNKNOWN_INDEX_RETRY_MS = 2_000;
const UNKNOWN_INDEX_ATTEMPTS = 5;
/** For so long what was decided is as good as asking again: asking takes milliseconds itself. */
const DECISION_HOLDS_MS = 50;

/** Makes one tag right: decides, restores, and writes down what came of it. */
export class EnforceTag {
  constructor(
    private readonly queue: EnforcementQueue,
    private readonly vault: Vault,
    private readonly clients: RegistryClients,
    private readonly rules: CurrentRules,
    private readonly options: EnforcementOptions,
    private readonly log: Log,
    private readonly ambience: Ambience,
    private readonly observe: AttemptObserver = () => undefined,
  ) {}

  async enforce(tag: DueTag): Promise<void> {
    const decision = decideEnforcement(tag, await this.ruling(tag), this.options, this.now());
    switch (decision.type) {
      case 'nothing':
        return this.leave(tag, decision);
      case 'learnChildren':
        return this.learnChildren(tag, decision.digests);
      case 'refuseRevoked': {
        const why = explainRevocation(decision.seal.digest, decision.revocation);
        const advice =
          'It is not put back. Push a good image under this tag and accept its violation, or reinstate the digest.';
        return this.refuse(tag, decision.violations, `${why} ${advice}`);
      }
      case 'stopFight':
        return this.stopFight(tag, decision.violations);
      case 'leaveFight': {
        const { trippedAt, reason } = decision.breaker;
        const why = `The fight breaker of this tag has been tripped since ${trippedAt}, so nothing is put back by itself: ${reason}`;
        return this.refuse(tag, decision.violations, why);
      }
      case 'restore':
        return this.restore(tag, decision);
      default:
        return assertUnreachable(decision);
    }
  }

  private async ruling({ ref }: DueTag): Promise<TagRuling> {
    const { history, waivers } = await this.rules.upToDate();
    return rulingOf(history, waivers, ref, this.now());
  }

  private leave(
    tag: DueTag,
    { because, violations }: Extract<EnforcementDecision, { type: 'nothing' }>,
  ): Promise<void> {
    switch (because.type) {
      case 'noViolation':
        return this.queue.release(tag);
      case 'onlyAudits': {
        const reason = `The rule ${JSON.stringify(because.rule.name)} only reports such a change now: nothing is put back by itself.`;
        return this.queue.standDown(tag, violations, reason, this.now());
      }
      // The recorder is about to close these violations; should it not, the tag is looked at again.
      case 'notCovered':
      case 'permitted':
        return this.queue.postpone(tag, backOff(FIRST_RETRY_MS, tag), true);
      default:
        return assertUnreachable(because);
    }
  }

  private async restore(tag: DueTag, decision: Restore): Promise<void> {
    const { seal, violations } = decision;
    const startedMs = this.ambience.now();
    const begin = this.beginning(violations, instantOf(startedMs));
    const result = await this.attempt(tag, decision, startedMs, begin);
    await begin();
    if (result.type === 'overtaken') return this.overtaken(tag);
    if (result.type === 'settling') {
      await this.vault.keep([describeManifest(result.index)].filter((manifest) => manifest !== null));
      return this.queue.postpone(tag, UNKNOWN_INDEX_RETRY_MS, true);
    }
    this.observe(tag.ref.registry, result.report.outcome, (this.ambience.now() - startedMs) / 1_000);
    this.tell(tag, result);
    await this.queue.conclude(tag, violations, this.verdict(tag, seal, result));
  }

  /** Shows that the violations are being restored, once. Not before the first write: the tag's way back is what is waited for. */
  private beginning(violations: readonly KeptViolation[], at: Instant): () => Promise<void> {
    let begun: Promise<void> | null = null;
    return () => {
      if (begun === null) {
        const isNews = violations.some(({ state }) => state === 'detected');
        begun = isNews ? this.queue.begin(violations, at) : Promise.resolve();
        // Awaited when the attempt has ended; a failure of it must not end the process meanwhile.
        begun.catch(() => undefined);
      }
      return begun;
    };
  }

  private async attempt(
    tag: DueTag,
    { seal, violations, readFirst }: Restore,
    decidedMs: number,
    begin: () => Promise<void>,
  ): Promise<RestoreResult> {
    const startedAt = this.now();
    try {
      const client = this.clients.get(tag.ref.registry);
      const tree = await this.findTree(client, tag, seal);
      const { readBackDelaysMs, settleMs, guardPlaceOf } = this.options;
      const guard = guardPlaceOf?.(tag.ref.registry) ?? null;
      const mayWrite = async (found: Digest | null | undefined) =>
        (found === undefined && this.ambience.now() - decidedMs <= DECISION_HOLDS_MS) ||
        this.mayWrite(tag, seal, violations, found);
      const onWaiting = () => void begin();
      const options = { readFirst, readBackDelaysMs, settleMs, guard, mayWrite, onWaiting, ...this.ambience };
      return await restoreTag(client, tag.ref, seal, tree, options);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      return { type: 'failed', report: { ...this.failed(error.message), startedAt }, retriable: error.retriable };
    }
  }

  /** Asked anew before each write: rules, waivers, seals and revocations change while a registry takes its time. */
  private async mayWrite(
    tag: DueTag,
    seal: Seal,
    violations: readonly KeptViolation[],
    found: Digest | null | undefined,
  ): Promise<boolean> {
    const [ruling, standing] = await Promise.all([this.ruling(tag), this.queue.findStanding(tag)]);
    if (standing.sealedDigest !== seal.digest || standing.revocation !== null) return false;
    const kinds = violations.map(({ kind }) => kind);
    const change = this.changeTo(found, seal, violations);
    return findHindrance(ruling, { kinds, change, waiverUses: standing.waiverUses, byHand: tag.byHand }) === null;
  }

  /** What was read counts; before anything was, what the record says. */
  private changeTo(
    found: Digest | null | undefined,
    seal: Seal,
    violations: readonly KeptViolation[],
  ): SealedTagChange | null {
    const at = this.now();
    if (found === undefined) return standingChange(violations, at);
    // A part of the sealed index is gone, which is a deletion.
    if (found === null || found === seal.digest) return { kind: 'deletion', digest: null, at };
    return { kind: 'overwrite', digest: found, at };
  }

  private overtaken(tag: DueTag): Promise<void> {
    const name = formatTagRef(tag.ref);
    this.log.info(
      `${name}: the rules, waivers or seals have changed meanwhile, so nothing was written. Looking again.`,
      {
        ...tag.ref,
      },
    );
    return this.queue.postpone(tag, FIRST_RETRY_MS, false);
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

  private verdict(tag: DueTag, seal: Seal, result: Ended): Verdict {
    if (result.type === 'right') return { ...result, sealedDigest: seal.digest, mediaType: seal.mediaType };
    if (!result.retriable) return { type: 'failed', report: result.report, fight: null };
    const ceiling = backOff(FIRST_RETRY_MS, tag);
    const delayMs = ceiling / 2 + (this.ambience.random() * ceiling) / 2;
    return {
      type: 'retry',
      report: result.report,
      delayMs,
      giveUp: tag.earlierAttempts + 1 >= this.options.attemptsBeforeAlert,
    };
  }

  private failed(reason: string): RestorationReport {
    const at = this.now();
    return { outcome: 'failed', startedAt: at, endedAt: at, restoredAt: null, reason, missingBlobs: [] };
  }

  private tell(tag: DueTag, { report, ...result }: Ended): void {
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

  private async refuse(tag: DueTag, violations: readonly KeptViolation[], reason: string): Promise<void> {
    this.log.warn(`${formatTagRef(tag.ref)} is not restored: ${reason}`, { ...tag.ref });
    await this.queue.conclude(tag, violations, { type: 'failed', report: this.failed(reason), fight: null });
  }

  private async stopFight(tag: DueTag, violations: readonly KeptViolation[]): Promise<void> {
    const actors = [...new Set(violations.map(({ actor }) => actor ?? 'somebody unnamed'))].join(', ');
    const reason = `Another writer (${actors}) keeps changing this tag: it was restored ${tag.recentRestorations} times within the window, and is left alone now. Find that writer, then reset the breaker, or restore by hand.`;
    this.log.error(`${formatTagRef(tag.ref)}: fight breaker tripped. ${reason}`, { ...tag.ref });
    const fight = { restorations: tag.recentRestorations, windowMs: this.options.breakerWindowMs };
    await this.queue.conclude(tag, violations, { type: 'failed', report: this.failed(reason), fight });
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
      return this.queue.postpone(tag, backOff(UNKNOWN_INDEX_RETRY_MS, tag), false);
    }
    if (tag.earlierAttempts + 1 < UNKNOWN_INDEX_ATTEMPTS)
      return this.queue.postpone(tag, UNKNOWN_INDEX_RETRY_MS, false);
    const reason = `The pushed index ${digests.join(', ')} is gone from the registry, so nobody can tell whether it belonged to the sealed image. Look at the tag, then restore by hand or accept.`;
    await this.queue.conclude(tag, tag.violations, { type: 'failed', report: this.failed(reason), fight: null });
  }

  private now() {
    return instantOf(this.ambience.now());
  }
}

const backOff = (firstMs: number, { earlierAttempts }: DueTag): number =>
  Math.min(firstMs * 2 ** earlierAttempts, LONGEST_RETRY_MS);
