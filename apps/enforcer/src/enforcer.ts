import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import {
  type DueTag,
  type EnforcementQueue,
  type EnforceTag,
  type KeepSealedManifest,
  type Log,
  RegistryWorkers,
  type Vault,
  type VaultFetch,
  whileRenewing,
} from '#application';
import { CHANNELS, type PgListener } from '#persistence';
import type { Configuration, CurrentRegistries } from '#platform';

/** Renewed while an attempt runs: a lease that runs out means that its holder has died. */
const ENFORCEMENT_LEASE_MS = 20_000;
const FETCH_LEASE_MS = 120_000;
const FETCHES_PER_REGISTRY = 2;
/** An attempt waits most of its time, between one reading back and the next: its requests are what is limited. */
const TAGS_PER_REQUEST = 32;

/** Violations → restore, and seals → vault, each registry in its own lanes. */
export class Enforcer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly enforcement: RegistryWorkers<DueTag>;
  private readonly keeping: RegistryWorkers<VaultFetch>;
  private readonly listening: (() => void)[] = [];

  constructor(
    queue: EnforcementQueue,
    vault: Vault,
    enforceTag: EnforceTag,
    keepManifest: KeepSealedManifest,
    private readonly listener: PgListener,
    { breaker, concurrencyPerRegistry }: Pick<Configuration['enforcement'], 'breaker' | 'concurrencyPerRegistry'>,
    private readonly registries: Pick<CurrentRegistries, 'names' | 'onChange'>,
    log: Log,
  ) {
    const names = () => registries.names();
    this.enforcement = new RegistryWorkers<DueTag>(
      {
        name: 'tags to restore',
        registries: names,
        slotsPerRegistry: concurrencyPerRegistry * TAGS_PER_REQUEST,
        claim: (free) => queue.claim(free, ENFORCEMENT_LEASE_MS, breaker.withinMs),
        registryOf: ({ ref }) => ref.registry,
        run: (tag) =>
          whileRenewing(
            ENFORCEMENT_LEASE_MS / 3,
            () => queue.renew(tag, ENFORCEMENT_LEASE_MS),
            () => enforceTag.enforce(tag),
          ),
        nextDueInMs: (open) => queue.nextDueInMs(open),
      },
      log,
    );
    this.keeping = new RegistryWorkers<VaultFetch>(
      {
        name: 'manifests to keep',
        registries: names,
        slotsPerRegistry: FETCHES_PER_REGISTRY,
        claim: (free) => vault.claimFetches(free, FETCH_LEASE_MS),
        registryOf: ({ registry }) => registry,
        run: (fetch) => keepManifest.keep(fetch),
        nextDueInMs: (open) => vault.nextFetchInMs(open),
      },
      log,
    );
  }

  onApplicationBootstrap(): void {
    this.listening.push(this.listener.on(CHANNELS.enforcement, () => this.enforcement.wake()));
    this.listening.push(this.listener.on(CHANNELS.vault, () => this.keeping.wake()));
    this.listening.push(
      this.registries.onChange(() => {
        this.enforcement.wake();
        this.keeping.wake();
      }),
    );
    this.enforcement.start();
    this.keeping.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const stop of this.listening) stop();
    await Promise.all([this.enforcement.stop(), this.keeping.stop()]);
  }
}
