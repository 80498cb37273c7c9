import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { type DueGuard, type GuardQueue, type GuardSeal, type Log, RegistryWorkers, whileRenewing } from '#application';
import { CHANNELS, type PgListener } from '#persistence';

const LEASE_MS = 120_000;
const GUARDS_PER_REGISTRY = 2;

/** Seals → guard repositories, each registry in its own lane, and never in the way of a restore. */
export class GuardKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly workers: RegistryWorkers<DueGuard>;
  private stopListening: () => void = () => undefined;

  constructor(
    queue: GuardQueue,
    guardSeal: GuardSeal,
    private readonly listener: PgListener,
    registries: () => readonly string[],
    log: Log,
  ) {
    this.workers = new RegistryWorkers<DueGuard>(
      {
        name: 'seals to guard',
        registries,
        slotsPerRegistry: GUARDS_PER_REGISTRY,
        claim: (free) => queue.claim(free, LEASE_MS),
        registryOf: ({ registry }) => registry,
        run: (guard) =>
          whileRenewing(
            LEASE_MS / 3,
            () => queue.renew(guard, LEASE_MS),
            () => guardSeal.guard(guard),
          ),
        nextDueInMs: (open) => queue.nextDueInMs(open),
      },
      log,
    );
  }

  onApplicationBootstrap(): void {
    this.stopListening = this.listener.on(CHANNELS.guard, () => this.workers.wake());
    this.workers.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopListening();
    await this.workers.stop();
  }
}
