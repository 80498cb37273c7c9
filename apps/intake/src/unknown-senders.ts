import type { Log } from '#application';

const QUIET_MS = 60_000;

/** Tells the log of refused senders, once a minute a registry: a registry with a wrong token sends again without end. */
export class UnknownSenders {
  private readonly toldAt = new Map<string, number>();

  constructor(
    private readonly log: Log,
    private readonly now: () => number = Date.now,
  ) {}

  tell(registry: string, address: string | undefined): void {
    const now = this.now();
    if (now - (this.toldAt.get(registry) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    this.toldAt.set(registry, now);
    this.log.warn(
      `A webhook for registry "${registry}" came with a missing or wrong token, and was refused. Compare the registry's notification settings with webhook in the configuration.`,
      {
        registry,
        address,
      },
    );
  }
}
