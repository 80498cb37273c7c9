/**
 * Keeps a lease while the work runs. A renewal that fails is no harm by itself: at worst somebody else does the same idempotent work.
 */
export async function whileRenewing<T>(
  everyMs: number,
  renew: () => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  const timer = setInterval(() => void renew().catch(() => undefined), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
