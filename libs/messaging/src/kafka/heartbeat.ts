/** Keeps a consumer's membership alive while a handler works, and remembers when that has failed. */
export class Heartbeat {
  private readonly timer: NodeJS.Timeout;
  private failure: { readonly error: unknown } | undefined;

  constructor(beat: () => Promise<void>, intervalMs: number) {
    this.timer = setInterval(() => {
      beat().catch((error) => {
        this.failure ??= { error };
      });
    }, intervalMs);
  }

  /** kafkajs has to see the error: it is how it learns that the group is rebalancing or has given us up. */
  throwIfLost(): void {
    if (this.failure) throw this.failure.error;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
