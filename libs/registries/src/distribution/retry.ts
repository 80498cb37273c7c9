import { setTimeout as sleep } from 'node:timers/promises';
import { RegistryError } from '#application';
import type { ClientSettings, RegistryClientOptions, RetryPolicy } from '../adapter.js';
import { DEFAULT_TIMEOUT_MS } from './transport.js';

export const DEFAULT_RETRY: RetryPolicy = { attempts: 4, totalMs: 30_000, firstWaitMs: 200, maxWaitMs: 5000 };

/**
 * Repeats an idempotent call while it fails with a retriable `RegistryError` and the policy allows. Where the registry asks for a
 * longer wait than is left, it gives up at once: the caller can come back later, a waiting request only holds its place.
 */
export async function retrying<T>(
  policy: RetryPolicy,
  closed: AbortSignal,
  attempt: (msLeft: number) => Promise<T>,
): Promise<T> {
  const endsAt = performance.now() + policy.totalMs;
  for (let made = 1; ; made++) {
    try {
      return await attempt(endsAt - performance.now());
    } catch (error) {
      const wait = waitBefore(error, made, policy, Math.random());
      const isHopeless = wait === null || performance.now() + wait >= endsAt;
      if (isHopeless || closed.aborted) throw error;
      await sleep(wait, undefined, { signal: closed }).catch(() => {
        throw error;
      });
    }
  }
}

/** The attempts at one client's calls: each has its time, and none is made anew once they have ended. */
export class Attempts {
  readonly #policy: RetryPolicy;
  readonly #timeoutMs: number;
  readonly #ended = new AbortController();

  constructor({ timeoutMs = DEFAULT_TIMEOUT_MS }: RegistryClientOptions, { retry }: ClientSettings = {}) {
    this.#policy = { ...DEFAULT_RETRY, ...retry };
    this.#timeoutMs = timeoutMs;
  }

  /** `attempts`: at most so many, instead of what the settings say. */
  async run<T>(attempt: (signal: AbortSignal) => Promise<T>, attempts = this.#policy.attempts): Promise<T> {
    return retrying({ ...this.#policy, attempts }, this.#ended.signal, (msLeft) =>
      attempt(AbortSignal.timeout(Math.max(1, Math.min(this.#timeoutMs, Math.floor(msLeft))))),
    );
  }

  /** Whether it is this call that ends them. */
  end(): boolean {
    const isFirst = !this.#ended.signal.aborted;
    this.#ended.abort();
    return isFirst;
  }
}

/** Milliseconds to wait after the attempt number `made` (from 1); null to give up. `random` in [0, 1): full jitter. */
export function waitBefore(error: unknown, made: number, policy: RetryPolicy, random: number): number | null {
  if (!(error instanceof RegistryError) || !error.retriable || made >= policy.attempts) return null;
  const backoff = random * Math.min(policy.maxWaitMs, policy.firstWaitMs * 2 ** (made - 1));
  return (error.retryAfterMs ?? 0) + backoff;
}
