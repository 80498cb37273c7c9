import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  CurrentRules,
  EnforcementQueue,
  EnforceTag,
  FightBreakers,
  type GuardPlaceOf,
  GuardQueue,
  GuardSeal,
  KeepSealedManifest,
  LimitedRegistryClients,
  Log,
  RegistryClients,
  Vault,
} from '#application';
import { PgFightBreakers, PgListener } from '#persistence';
import { CONFIGURATION, type Configuration, CurrentRegistries, Metrics } from '#platform';
import { Enforcer } from './enforcer.js';
import { GuardKeeper } from './guard-keeper.js';

/** An event received within this time is fresh: its registry may not have written the tag yet. */
const FRESH_MS = 10_000;

const guardPlacesOf =
  (registries: CurrentRegistries): GuardPlaceOf =>
  (registry) =>
    registries.find(registry)?.guard ?? null;

@Module({
  providers: [
    {
      provide: EnforceTag,
      inject: [EnforcementQueue, Vault, RegistryClients, CurrentRules, CONFIGURATION, CurrentRegistries, Log, Metrics],
      useFactory: (
        queue: EnforcementQueue,
        vault: Vault,
        clients: RegistryClients,
        rules: CurrentRules,
        { enforcement, settleMs }: Configuration,
        registries: CurrentRegistries,
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
            guardPlaceOf: guardPlacesOf(registries),
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
      provide: GuardSeal,
      inject: [GuardQueue, Vault, RegistryClients, CurrentRules, CONFIGURATION, CurrentRegistries, Log],
      useFactory: (
        queue: GuardQueue,
        vault: Vault,
        clients: RegistryClients,
        rules: CurrentRules,
        { enforcement }: Configuration,
        registries: CurrentRegistries,
        log: Log,
      ) =>
        new GuardSeal(
          queue,
          vault,
          new LimitedRegistryClients(clients, enforcement.concurrencyPerRegistry),
          rules,
          {
            placeOf: guardPlacesOf(registries),
            proveEveryMs: enforcement.proveGuardsEveryMs,
            now: Date.now,
            random: Math.random,
          },
          log,
        ),
    },
    {
      provide: GuardKeeper,
      inject: [GuardQueue, GuardSeal, PgListener, CurrentRegistries, Log],
      useFactory: (
        queue: GuardQueue,
        guardSeal: GuardSeal,
        listener: PgListener,
        registries: CurrentRegistries,
        log: Log,
      ) => new GuardKeeper(queue, guardSeal, listener, () => registries.names(), log),
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
      inject: [
        EnforcementQueue,
        Vault,
        EnforceTag,
        KeepSealedManifest,
        PgListener,
        CONFIGURATION,
        CurrentRegistries,
        Log,
      ],
      useFactory: (
        queue: EnforcementQueue,
        vault: Vault,
        enforceTag: EnforceTag,
        keepManifest: KeepSealedManifest,
        listener: PgListener,
        { enforcement }: Configuration,
        registries: CurrentRegistries,
        log: Log,
      ) => new Enforcer(queue, vault, enforceTag, keepManifest, listener, enforcement, registries, log),
    },
  ],
})
export class EnforcerModule {}
