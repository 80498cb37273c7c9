import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import {
  type CanaryQueue,
  type DueCanary,
  type Log,
  RegistryWorkers,
  type RunCanary,
  whileRenewing,
} from '#application';
import type { RegistryName } from '#domain';

/** Renewed while a canary runs, which takes two minutes at most. */
const LEASE_MS = 60_000;

export type KeptCanary = { readonly registry: RegistryName; readonly everyMs: number };

/** Runs the canaries of the configuration file's registries when they are due; of several sweepers, one each. */
export class CanaryKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly workers: RegistryWorkers<DueCanary>;
  private readonly stopping = new AbortController();

  constructor(
    private readonly queue: CanaryQueue,
    private readonly canaries: readonly KeptCanary[],
    runCanary: RunCanary,
    log: Log,
  ) {
    const names = canaries.map(({ registry }) => registry);
    this.workers = new RegistryWorkers<DueCanary>(
      {
        name: 'canaries to run',
        registries: () => names,
        slotsPerRegistry: 1,
        claim: (free) => queue.claim(free, LEASE_MS),
        registryOf: ({ registry }) => registry,
        run: (due) =>
          whileRenewing(
            LEASE_MS / 3,
            () => queue.renew(due, LEASE_MS),
            () => runCanary.run(due, this.stopping.signal),
          ),
        nextDueInMs: (open) => queue.nextDueInMs(open),
      },
      log,
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.canaries.length === 0) return;
    await this.queue.schedule(this.canaries);
    this.workers.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.workers.stop();
  }
}
