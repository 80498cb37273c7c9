/** Time and chance, as a sweep needs them. */
export type SweepClock = {
  /** In milliseconds. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** Rejects when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
};

/** An interval, a tenth of it shorter or longer at random, so that registries and instances do not keep step. */
export const jittered = (ms: number, random: number): number => Math.round(ms * (0.9 + 0.2 * random));

/** Doubles from a second with each attempt, half of it at random. */
export const backoffMs = (attempts: number, longestMs: number, random: number): number =>
  Math.round(Math.min(1_000 * 2 ** attempts, longestMs) * (0.5 + 0.5 * random));
