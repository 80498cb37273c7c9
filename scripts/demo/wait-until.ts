import { setTimeout as sleep } from 'node:timers/promises';

export type Patience = {
  /** The sentence of the error when it never happens. */
  readonly complaint: () => string;
  readonly everyMs: number;
  readonly limitMs: number;
  readonly signal: AbortSignal;
};

/** Asks until the answer is not null. */
export async function waitUntil<T>(ask: () => Promise<T | null>, patience: Patience): Promise<T> {
  const { complaint, everyMs, limitMs, signal } = patience;
  const deadline = performance.now() + limitMs;
  for (;;) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > deadline) throw new Error(`${complaint()} (waited ${Math.round(limitMs / 1000)} s)`);
    await sleep(everyMs, undefined, { signal });
  }
}
