/** Exponential with full jitter on its upper half: 0.5–1 × min(first × 2^attempt, most). `attempt` counts from 0. */
export function backoffMs(attempt: number, first = 100, most = 5_000): number {
  const ceiling = Math.min(most, first * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling * (0.5 + Math.random() / 2));
}
