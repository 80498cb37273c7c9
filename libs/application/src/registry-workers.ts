import { messageOf } from '#domain';
import type { FreeSlots } from './ports/enforcement-queue.js';
import type { Log } from './ports/log.js';

export type RegistryWork<T> = {
  /** For the log: what is worked on. */
  readonly name: string;
  /** As they are now: asked each time. */
  readonly registries: () => readonly string[];
  readonly slotsPerRegistry: number;
  claim(free: FreeSlots): Promise<readonly T[]>;
  registryOf(item: T): string;
  /** Does one item; what it throws is logged, and the item's lease runs out. */
  run(item: T): Promise<void>;
  /** Milliseconds until something of these registries is due; null when nothing is. */
  nextDueInMs(registries: readonly string[]): Promise<number | null>;
};

const LONGEST_SLEEP_MS = 5_000;
const SHORTEST_SLEEP_MS = 20;

/**
 * Takes due items and works on them, a bounded number a registry at a time, so that a registry which is slow or down holds up no other.
 * Sleeps until something is due or `wake` is called; looks by itself every few seconds, should a wake-up get lost.
 */
export class RegistryWorkers<T> {
  private readonly running = new Map<string, number>();
  private readonly inFlight = new Set<Promise<void>>();
  private stopped = false;
  private awake = false;
  private wakeUp: () => void = () => undefined;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly work: RegistryWork<T>,
    private readonly log: Log,
  ) {}

  start(): void {
    this.loop = this.run();
  }

  /** Something may be due. */
  wake(): void {
    this.awake = true;
    this.wakeUp();
  }

  /** Takes nothing more, and waits for what is running. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.loop;
    await Promise.all(this.inFlight);
  }

  private async run(): Promise<void> {
    let failures = 0;
    while (!this.stopped) {
      this.awake = false;
      try {
        await this.takeAndStart();
        failures = 0;
        if (!this.awake && !this.stopped) await this.sleep(await this.idleMs());
      } catch (error) {
        failures += 1;
        if (failures === 1) this.log.warn(`Cannot look for ${this.work.name}: ${messageOf(error)} Trying again.`);
        await this.sleep(Math.min(250 * 2 ** failures, LONGEST_SLEEP_MS));
      }
    }
  }

  private async takeAndStart(): Promise<void> {
    const free = this.freeSlots();
    if (free.length === 0) return;
    for (const item of await this.work.claim(free)) this.launch(item);
  }

  private freeSlots(): { registry: string; slots: number }[] {
    return this.work
      .registries()
      .map((registry) => ({ registry, slots: this.work.slotsPerRegistry - (this.running.get(registry) ?? 0) }))
      .filter(({ slots }) => slots > 0);
  }

  private launch(item: T): void {
    const registry = this.work.registryOf(item);
    this.count(registry, 1);
    const task = this.work
      .run(item)
      .catch((error: unknown) =>
        this.log.error(`Work on ${this.work.name} broke off: ${messageOf(error)}`, { registry }),
      )
      .finally(() => {
        this.count(registry, -1);
        this.inFlight.delete(task);
        this.wake();
      });
    this.inFlight.add(task);
  }

  private count(registry: string, change: number): void {
    this.running.set(registry, (this.running.get(registry) ?? 0) + change);
  }

  private async idleMs(): Promise<number> {
    const open = this.freeSlots().map(({ registry }) => registry);
    const next = open.length === 0 ? null : await this.work.nextDueInMs(open);
    return Math.min(Math.max(next ?? LONGEST_SLEEP_MS, SHORTEST_SLEEP_MS), LONGEST_SLEEP_MS);
  }

  private sleep(ms: number): Promise<void> {
    if (this.awake) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
