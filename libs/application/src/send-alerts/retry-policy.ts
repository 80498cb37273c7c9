export type RetryPolicy = {
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  readonly maxAttempts: number;
};

/** 5 s doubling up to 1 h; with the jitter, 40 attempts take about a day. */
export const RETRY_POLICY: RetryPolicy = { firstDelayMs: 5_000, maxDelayMs: 3_600_000, maxAttempts: 40 };

/**
 * How long to wait after a failed attempt (counted from 1). Half of the delay is random, so that what failed together does not come
 * back together. A receiver's `Retry-After` is obeyed up to the longest delay: no answer may park an alert for a year.
 */
export function retryDelayMs(
  attempt: number,
  retryAfterMs: number | null,
  random: () => number,
  policy = RETRY_POLICY,
): number {
  const ceiling = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
  const backoff = ceiling * (0.5 + random() / 2);
  return Math.round(Math.max(backoff, Math.min(retryAfterMs ?? 0, policy.maxDelayMs)));
}
