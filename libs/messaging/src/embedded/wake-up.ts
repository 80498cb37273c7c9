/** Lets one loop rest until there is something to do. A signal that comes while it works is kept for its next wait. */
export class WakeUp {
  private signalled = false;
  private sleeping = false;
  private ended = false;
  private leave: (() => void) | undefined;

  signal(): void {
    this.signalled = true;
    if (!this.sleeping) this.leave?.();
  }

  /** Before looking for work: what is signalled from now on has not been looked at. */
  reset(): void {
    this.signalled = false;
  }

  /** For good: every wait and sleep ends at once. */
  end(): void {
    this.ended = true;
    this.leave?.();
  }

  async wait(): Promise<void> {
    if (this.signalled || this.ended) return;
    await new Promise<void>((resolve) => {
      this.leave = resolve;
    });
    this.leave = undefined;
  }

  /** A backoff: signals do not cut it short. */
  async sleep(ms: number): Promise<void> {
    if (this.ended) return;
    this.sleeping = true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.leave = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.sleeping = false;
    this.leave = undefined;
  }
}
