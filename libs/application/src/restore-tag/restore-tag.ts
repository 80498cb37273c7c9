import {
  addMs,
  type Digest,
  type Instant,
  instantOf,
  isIndexMediaType,
  messageOf,
  partsOfManifest,
  type Seal,
  type TagRef,
} from '#domain';
import type { GuardPlace } from '../guard-seal/guard-place.js';
import type { RestorationReport } from '../ports/enforcement-queue.js';
import { type Manifest, type RegistryClient, RegistryError } from '../ports/registry-client.js';
import { bringBackBlobs, findMissingParts, type MissingParts, putBack, type SealedTree } from './put-back.js';

export type RestoreOptions = {
  /** An old event, or a second attempt: what is right already is not written. */
  readonly readFirst: boolean;
  /** Waits before each reading back; the tag has stood still when all of them in a row found it right. */
  readonly readBackDelaysMs: readonly number[];
  readonly settleMs: number;
  /** Where blobs that are gone may still be. Default: nowhere. */
  readonly guard?: GuardPlace | null;
  /** Asked before each write. `found` is what the tag was last read as: null where it was gone, undefined where it was not read. */
  readonly mayWrite: (found: Digest | null | undefined) => Promise<boolean>;
  /** Called once, when the first write is done or reading comes first: what need not be waited for before may be done now. */
  readonly onWaiting?: () => void;
  readonly sleep: (ms: number) => Promise<void>;
  readonly now: () => number;
};

export type RestoreResult =
  | { readonly type: 'right'; readonly report: RestorationReport }
  | { readonly type: 'failed'; readonly report: RestorationReport; readonly retriable: boolean }
  /** The tag points at an index that lists the sealed digest, within the settle window: the client is still pushing. */
  | { readonly type: 'settling'; readonly index: Manifest }
  /** What may be written has changed since the attempt began: nothing more is. */
  | { readonly type: 'overtaken' };

/** More than this in one attempt is a fight, and left to the breaker. */
const WRITES_AT_MOST = 3;

/** Puts the sealed digest back under the tag and reads back until it has stood still. What cannot be done is a value. */
export async function restoreTag(
  client: RegistryClient,
  ref: TagRef,
  seal: Seal,
  tree: SealedTree,
  options: RestoreOptions,
): Promise<RestoreResult> {
  const attempt = new Attempt(client, ref, seal, tree, options);
  try {
    return await attempt.run();
  } catch (error) {
    if (error instanceof Overtaken) return { type: 'overtaken' };
    if (!(error instanceof RegistryError)) throw error;
    return attempt.failed(error, await attempt.missingBlobs(error));
  }
}

/** Breaks an attempt off; never leaves this file. */
class Overtaken extends Error {}

class Attempt {
  private readonly startedAt: Instant;
  private restoredAt: Instant | null = null;
  private writes = 0;
  private partsChecked = false;
  private broughtBack = 0;

  constructor(
    private readonly client: RegistryClient,
    private readonly ref: TagRef,
    private readonly seal: Seal,
    private readonly tree: SealedTree,
    private readonly options: RestoreOptions,
  ) {
    this.startedAt = this.instant();
  }

  async run(): Promise<RestoreResult> {
    if (!this.options.readFirst) await this.write(undefined);
    this.options.onWaiting?.();
    for (let right = 0; right < this.options.readBackDelaysMs.length; ) {
      await this.options.sleep(this.options.readBackDelaysMs[right] ?? 0);
      const found = await this.client.findManifest(this.ref.repository, this.ref.tag);
      if (found?.digest === this.tree.root.digest) {
        right += 1;
        if (!this.partsChecked) await this.checkParts();
      } else if (found !== null && this.isSettling(found)) {
        return { type: 'settling', index: found };
      } else {
        if (this.writes >= WRITES_AT_MOST) return this.contested(found);
        await this.write(found?.digest ?? null);
        right = 0;
      }
    }
    return { type: 'right', report: this.report(this.writes > 0 ? 'restored' : 'alreadyRight', this.help(), []) };
  }

  private async write(found: Digest | null | undefined): Promise<void> {
    await this.ask(found);
    try {
      const { guard } = this.options;
      const rescue = guard ? { guard, ask: () => this.ask(found) } : null;
      this.broughtBack += await putBack(this.client, this.ref, this.tree, rescue);
    } catch (error) {
      // A registry that holds the tag immutable refuses even the digest that it points at already.
      if (await this.isHeldRight(error)) return;
      throw error;
    }
    this.writes += 1;
    this.restoredAt = this.instant();
  }

  private async ask(found: Digest | null | undefined): Promise<void> {
    if (!(await this.options.mayWrite(found))) throw new Overtaken();
  }

  private async isHeldRight(error: unknown): Promise<boolean> {
    if (!(error instanceof RegistryError) || error.code !== 'REGISTRY_IMMUTABLE') return false;
    const found = await this.client.findManifestHead(this.ref.repository, this.ref.tag);
    return found?.digest === this.tree.root.digest;
  }

  private async checkParts(): Promise<void> {
    const missing = await this.bringBackMissing(await findMissingParts(this.client, this.ref, this.tree));
    for (const manifest of missing.manifests) {
      await this.ask(this.tree.root.digest);
      await this.client.putManifest(this.ref.repository, manifest.digest, manifest);
      this.writes += 1;
      this.restoredAt = this.instant();
    }
    if (missing.blobs.length > 0) {
      throw new RegistryError(
        'REGISTRY_REFUSED',
        `The tag points at the sealed digest, but ${missing.blobs.length} blob(s) that it needs are gone from the registry. Push them again, then restore by hand.`,
        {
          errors: missing.blobs.map((blob) => ({
            code: 'BLOB_UNKNOWN',
            message: 'blob unknown to registry',
            detail: blob,
          })),
        },
      );
    }
    this.partsChecked = true;
  }

  /** What is missing still. */
  private async bringBackMissing(missing: MissingParts): Promise<MissingParts> {
    const { guard } = this.options;
    if (missing.blobs.length === 0 || guard === undefined || guard === null) return missing;
    await this.ask(this.tree.root.digest);
    const brought = await bringBackBlobs(this.client, this.ref, this.tree, guard);
    if (brought === 0) return missing;
    this.broughtBack += brought;
    this.writes += 1;
    this.restoredAt = this.instant();
    return findMissingParts(this.client, this.ref, this.tree);
  }

  private help(): string | null {
    const { guard } = this.options;
    if (this.broughtBack === 0 || !guard) return null;
    return `${this.broughtBack} blob(s) were gone from ${this.ref.repository} and were brought back from the guard repository ${guard.repository}.`;
  }

  private isSettling(found: Manifest): boolean {
    const inWindow = this.instant() <= addMs(this.seal.sealedAt, this.options.settleMs);
    if (!inWindow || !isIndexMediaType(found.mediaType)) return false;
    return partsOfManifest(found.bytes).children.includes(this.seal.digest);
  }

  private contested(found: Manifest | null): RestoreResult {
    const now = found === null ? 'is gone again' : `points at ${found.digest} again`;
    const reason = `Another writer keeps changing the tag: it ${now} after ${this.writes} restorations within one attempt.`;
    return { type: 'failed', report: this.report('failed', reason, []), retriable: true };
  }

  failed(error: RegistryError, missingBlobs: readonly Digest[]): RestoreResult {
    return {
      type: 'failed',
      report: this.report('failed', messageOf(error), missingBlobs),
      retriable: error.retriable,
    };
  }

  /** A refusal for missing parts names one of them at most: ask for all. */
  async missingBlobs(error: RegistryError): Promise<readonly Digest[]> {
    const named = error.errors.filter(({ code }) => code.includes('BLOB_UNKNOWN')).length > 0;
    if (!named) return [];
    try {
      return (await findMissingParts(this.client, this.ref, this.tree)).blobs;
    } catch (cause) {
      if (cause instanceof RegistryError) return [];
      throw cause;
    }
  }

  private report(
    outcome: RestorationReport['outcome'],
    reason: string | null,
    missingBlobs: readonly Digest[],
  ): RestorationReport {
    const restoredAt = outcome === 'failed' ? null : this.restoredAt;
    return { outcome, startedAt: this.startedAt, endedAt: this.instant(), restoredAt, reason, missingBlobs };
  }

  private instant(): Instant {
    return instantOf(this.options.now());
  }
}
