import type { AlertChannel, AlertChannels, DeliverAlerts, Log } from '#application';
import { messageOf } from '#domain';

/** Also how late a retry can be, and an alert that another notifier has enqueued. */
const POLL_MS = 2_000;

/** Keeps deliveries going: each channel by itself, so that a slow receiver holds up nobody else's alerts. */
export class AlertCourier {
  readonly #rounds = new Map<string, Promise<void>>();
  /** Channels woken while a round was on its way: it may have looked before the alert was there. */
  readonly #wokenAgain = new Set<string>();
  readonly #failing = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(
    private readonly channels: AlertChannels,
    private readonly deliverAlerts: Pick<DeliverAlerts, 'deliverDue'>,
    private readonly log: Log,
    private readonly pollMs = POLL_MS,
  ) {}

  start(): void {
    this.#timer = setInterval(() => this.wake(), this.pollMs);
    this.wake();
  }

  /** There may be something due. */
  wake(): void {
    if (this.#stopped) return;
    for (const { channel } of this.channels.list()) {
      if (this.#rounds.has(channel.name)) this.#wokenAgain.add(channel.name);
      else this.#rounds.set(channel.name, this.#run(channel));
    }
  }

  /** Takes nothing further and waits for the attempts under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearInterval(this.#timer);
    await Promise.all(this.#rounds.values());
  }

  async #run(channel: AlertChannel): Promise<void> {
    try {
      let attempts: number;
      do {
        this.#wokenAgain.delete(channel.name);
        attempts = await this.deliverAlerts.deliverDue(channel);
        this.#failing.delete(channel.name);
      } while (!this.#stopped && (attempts > 0 || this.#wokenAgain.has(channel.name)));
    } catch (error) {
      this.#reportOnce(channel.name, error);
    } finally {
      this.#rounds.delete(channel.name);
    }
  }

  /** Once an outage, not once a poll. The next poll tries again; leases see to it that nothing is lost. */
  #reportOnce(channel: string, error: unknown): void {
    if (this.#failing.has(channel)) return;
    this.#failing.add(channel);
    this.log.error(
      `Alerts of channel "${channel}" can't be read or recorded; this is tried again every ${this.pollMs / 1000} s until it works: ${messageOf(error)}`,
      { channel },
    );
  }
}
