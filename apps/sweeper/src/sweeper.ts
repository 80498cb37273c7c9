import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { type DueObservation, type Log, type ObservationQueue, type ObserveTag, RegistryWorkers } from '#application';
import type { Configuration } from '#platform';

const LEASE_MS = 60_000;
const SLOTS_PER_REGISTRY = 2;

/** Live registry → record: reads what covered tags point at that no event has sealed. */
export class Sweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly workers: RegistryWorkers<DueObservation>;

  constructor(queue: ObservationQueue, observeTag: ObserveTag, configuration: Configuration, log: Log) {
    this.workers = new RegistryWorkers<DueObservation>(
      {
        name: 'tags to look at',
        registries: configuration.registries.map(({ name }) => name),
        slotsPerRegistry: SLOTS_PER_REGISTRY,
        claim: (free) => queue.claim(free, LEASE_MS),
        registryOf: ({ registry }) => registry,
        run: (due) => observeTag.observe(due),
        nextDueInMs: (open) => queue.nextDueInMs(open),
      },
      log,
    );
  }

  onApplicationBootstrap(): void {
    this.workers.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.workers.stop();
  }
}
