import { canaryTag, type Digest, instantOf, parseRegistryName, parseRepositoryName } from '#domain';
import { AlertChannel, type AlertChannels } from '../ports/alert-channel.js';
import type { PlannedDelivery } from '../ports/alert-deliveries.js';
import { CanaryQueue, CanaryRecord, type CanaryRun, type DueCanary } from '../ports/canaries.js';
import type { ManifestHead, RegistryClient } from '../ports/registry-client.js';

export const REGISTRY = parseRegistryName('local');
export const REPOSITORY = parseRepositoryName('tagwarden/canary');
export const REF = canaryTag(REGISTRY, REPOSITORY);
export const RUNNING = new AbortController().signal;

/** Time that passes only while somebody sleeps. */
export class SleepingClock {
  at = 1_800_000_000_000;
  now = () => this.at;
  random = () => 0.5;
  sleep = async (ms: number) => {
    this.at += ms;
  };
}

/** A registry, and what watches it: each reaction so long after the push, in milliseconds; null: it never comes. */
export class CanaryWorld extends CanaryRecord {
  readonly clock = new SleepingClock();
  readonly pushed: { digest: Digest; at: number }[] = [];
  readonly blobs = new Set<string>();
  head: ManifestHead | null = null;
  seal: Digest | null = null;
  sealAfter: number | null = 300;
  detectAfter: number | null = 500;
  restoreAfter: number | null = 2_000;
  endState = 'restored';
  failure: string | null = null;
  refusal: Error | null = null;

  readonly client = {
    hasBlob: async (_: unknown, digest: string) => this.blobs.has(digest),
    putBlob: async (_: unknown, digest: string) => {
      if (this.refusal) throw this.refusal;
      this.blobs.add(digest);
    },
    findManifestHead: async () => this.head,
    putManifest: async (_: unknown, __: unknown, { digest, mediaType }: ManifestHead) => {
      if (this.refusal) throw this.refusal;
      this.pushed.push({ digest, at: this.clock.at });
      this.head = { digest, mediaType };
    },
  } as unknown as RegistryClient;

  override async findSeal() {
    const [first] = this.pushed;
    if (this.seal === null && first && this.passed(first.at, this.sealAfter)) this.seal = first.digest;
    return this.seal === null ? null : { digest: this.seal, isKept: true };
  }

  override async findViolation(_: unknown, digest: Digest) {
    const push = this.pushed.find((one) => one.digest === digest);
    if (!push || !this.passed(push.at, this.detectAfter)) return null;
    const isOver = this.passed(push.at, this.restoreAfter);
    if (isOver && this.endState === 'restored' && this.seal) this.head = { digest: this.seal, mediaType: '' };
    return { state: isOver ? this.endState : 'restoring', failure: this.failure } as never;
  }

  private passed(since: number, after: number | null): boolean {
    return after !== null && this.clock.at >= since + after;
  }
}

/** Keeps what is written down of the runs, and gives the next one what the last has left. */
export class NotedCanaries extends CanaryQueue {
  readonly runs: { run: CanaryRun; nextInMs: number; told: string[] }[] = [];
  released = 0;

  due(): DueCanary {
    return { registry: REGISTRY, claims: this.runs.length + 1, lastOutcome: this.runs.at(-1)?.run.outcome ?? null };
  }
  override async finish(_: DueCanary, run: CanaryRun, nextInMs: number, alerts: readonly PlannedDelivery[]) {
    this.runs.push({ run, nextInMs, told: alerts.map(({ alert }) => alert.change) });
  }
  override async release() {
    this.released += 1;
  }
  override schedule = async () => undefined;
  override claim = async () => [];
  override renew = async () => undefined;
  override nextDueInMs = async () => null;
}

class Silent extends AlertChannel {
  readonly name = 'ops';
  async send() {
    return { status: 200 };
  }
}

/** One channel, which wants to hear of everything about registries. */
export const CHANNELS: AlertChannels = {
  list: () => [
    {
      channel: new Silent(),
      on: new Set(['canaryFailed', 'canaryRecovered', 'registryDeaf', 'registryHeard'] as const),
    },
  ],
};

export const at = (ms: number) => instantOf(1_800_000_000_000 + ms);
