import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  CurrentRules,
  EnforcementQueue,
  EnforceTag,
  FightBreakers,
  KeepSealedManifest,
  LimitedRegistryClients,
  Log,
  RegistryClients,
  Vault,
} from '#application';
import { PgFightBreakers, PgListener } from '#persistence';
import { CONFIGURATION, type Configuration, Metrics } from '#platform';
import { Enforcer } from './enforcer.js';

/** An event received within this time is fresh: its registry may not have written the tag yet. */
const FRESH_MS = 10_000;

@Module({
  providers: [
    {
      provide: EnforceTag,
      inject: [EnforcementQueue, Vault, RegistryClients, CurrentRules, CONFIGURATION, Log, Metrics],
      useFactory: (
        queue: EnforcementQueue,
        vault: Vault,
        clients: RegistryClients,
        rules: CurrentRules,
        { enforcement, settleMs }: Configuration,
        log: Log,
        metrics: Metrics,
      ) =>
        new EnforceTag(
          queue,
          vault,
          new LimitedRegistryClients(clients, enforcement.concurrencyPerRegistry),
          rules,
          {
            freshMs: FRESH_MS,
            breakerRestorations: enforcement.breaker.restores,
            breakerWindowMs: enforcement.breaker.withinMs,
            readBackDelaysMs: enforcement.readBacksMs,
            settleMs,
            attemptsBeforeAlert: enforcement.attempts,
          },
          log,
          { now: Date.now, random: Math.random, sleep },
          (registry, outcome, seconds) => metrics.attempted(registry, outcome, seconds),
        ),
    },
    {
      provide: KeepSealedManifest,
      inject: [Vault, RegistryClients, Log],
      useFactory: (vault: Vault, clients: RegistryClients, log: Log) => new KeepSealedManifest(vault, clients, log),
    },
    {
      provide: FightBreakers,
      inject: [DataSource, Metrics],
      useFactory: (source: DataSource, metrics: Metrics) => {
        const breakers = new PgFightBreakers(source);
        metrics.watchTrippedBreakers(() => breakers.count());
        return breakers;
      },
    },
    {
      provide: Enforcer,
      inject: [EnforcementQueue, Vault, EnforceTag, KeepSealedManifest, PgListener, CONFIGURATION, Log],
      useFactory: (
        queue: EnforcementQueue,
        vault: Vault,
        enforceTag: EnforceTag,
        keepManifest: KeepSealedManifest,
        listener: PgListener,
        configuration: Configuration,
        log: Log,
      ) => new Enforcer(queue, vault, enforceTag, keepManifest, listener, configuration, log),
    },
  ],
})
export class EnforcerModule {}
