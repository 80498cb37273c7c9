import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import {
  type BeginSweep,
  type DueObservation,
  type DueRepository,
  type DueSweep,
  type Log,
  type ObservationQueue,
  type ObserveTag,
  RegistryWorkers,
  type SweepQueue,
  type SweepRepository,
  type SweepRepositoryQueue,
  whileRenewing,
} from '#application';
import { messageOf } from '#domain';
import { CHANNELS, type PgListener } from '#persistence';
import type { SweptRegistries } from './swept-registries.js';

/** Renewed while the work runs: a lease that runs out means that its holder has died. */
const LEASE_MS = 60_000;
const RENEW_EVERY_MS = LEASE_MS / 3;
const LOOKS_PER_REGISTRY = 2;
const SCHEDULE_AGAIN_MS = 5_000;
/** A repository mostly waits, for its turn or for its second look: it is the requests that are limited. */
const REPOSITORIES_PER_REGISTRY = 32;

export type SweeperWork = {
  readonly observations: ObservationQueue;
  readonly observeTag: ObserveTag;
  readonly sweeps: SweepQueue;
  readonly beginSweep: BeginSweep;
  readonly repositories: SweepRepositoryQueue;
  readonly sweepRepository: SweepRepository;
};

/** Live registry → record: what covered tags point at that no event has sealed, and what no event told of. */
export class Sweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private again: NodeJS.Timeout | undefined;
  private readonly looking: RegistryWorkers<DueObservation>;
  private readonly listing: RegistryWorkers<DueSweep>;
  private readonly sweeping: RegistryWorkers<DueRepository>;
  private readonly listening: (() => void)[] = [];

  constructor(
    private readonly work: SweeperWork,
    private readonly listener: PgListener,
    private readonly registries: SweptRegistries,
    private readonly log: Log,
    private readonly stopping: AbortController,
  ) {
    const names = () => registries.list().map(({ name }) => name);
    const { observations, observeTag, sweeps, beginSweep, repositories, sweepRepository } = work;
    this.looking = new RegistryWorkers<DueObservation>(
      {
        name: 'tags to look at',
        registries: names,
        slotsPerRegistry: LOOKS_PER_REGISTRY,
        claim: (free) => observations.claim(free, LEASE_MS),
        registryOf: ({ registry }) => registry,
        run: (due) => observeTag.observe(due),
        nextDueInMs: (open) => observations.nextDueInMs(open),
      },
      log,
    );
    this.listing = new RegistryWorkers<DueSweep>(
      {
        name: 'sweeps to begin',
        registries: names,
        slotsPerRegistry: 1,
        claim: (free) => sweeps.claim(free, LEASE_MS),
        registryOf: ({ registry }) => registry,
        run: (due) =>
          whileRenewing(
            RENEW_EVERY_MS,
            () => sweeps.renew(due, LEASE_MS),
            () => beginSweep.begin(due, this.stopping.signal),
          ),
        nextDueInMs: (open) => sweeps.nextDueInMs(open),
      },
      log,
    );
    this.sweeping = new RegistryWorkers<DueRepository>(
      {
        name: 'repositories to sweep',
        registries: names,
        slotsPerRegistry: REPOSITORIES_PER_REGISTRY,
        claim: (free) => repositories.claim(free, LEASE_MS),
        registryOf: ({ registry }) => registry,
        run: (due) =>
          whileRenewing(
            RENEW_EVERY_MS,
            () => repositories.renew(due, LEASE_MS),
            () => sweepRepository.sweep(due, this.stopping.signal),
          ),
        nextDueInMs: (open) => repositories.nextDueInMs(open),
      },
      log,
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.schedule();
    this.listening.push(
      () => clearTimeout(this.again),
      this.registries.onChange(() => void this.scheduleAnew()),
      this.listener.on(CHANNELS.observation, () => this.looking.wake()),
      this.listener.on(CHANNELS.sweep, () => {
        this.listing.wake();
        this.sweeping.wake();
      }),
    );
    for (const workers of [this.looking, this.listing, this.sweeping]) workers.start();
  }

  private async schedule(): Promise<void> {
    const intervals = this.registries.list().map(({ name, sweep }) => ({ registry: name, everyMs: sweep.everyMs }));
    await this.work.sweeps.schedule(intervals, Math.random);
  }

  /** A registry was made, changed or deleted. */
  private async scheduleAnew(): Promise<void> {
    clearTimeout(this.again);
    await this.schedule().catch((error: unknown) => {
      this.log.warn(`Sweeps of changed registries are not scheduled yet: ${messageOf(error)} Trying again.`);
      this.again = setTimeout(() => void this.scheduleAnew(), SCHEDULE_AGAIN_MS).unref();
    });
    for (const workers of [this.looking, this.listing, this.sweeping]) workers.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const stop of this.listening) stop();
    this.stopping.abort();
    await Promise.all([this.looking, this.listing, this.sweeping].map((workers) => workers.stop()));
  }
}
