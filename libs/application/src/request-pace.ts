export type PaceClock = {
  /** In milliseconds. */
  now(): number;
  sleep(ms: number): Promise<unknown>;
};

/** Turns that were not taken are kept no longer than this: a timer that comes late costs none. */
const KEPT_MS = 100;

/** At most so many turns a second, evenly spaced. */
export class RequestPace {
  private nextAt = 0;

  constructor(
    private readonly perSecond: number,
    private readonly clock: PaceClock,
  ) {}

  /** Resolves when it is the caller's turn. */
  async turn(): Promise<void> {
    const now = this.clock.now();
    const at = Math.max(this.nextAt, now - KEPT_MS);
    this.nextAt = at + 1_000 / this.perSecond;
    if (at > now) await this.clock.sleep(at - now);
  }
}
