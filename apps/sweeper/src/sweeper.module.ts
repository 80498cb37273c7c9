import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  AlertChannels,
  CurrentRules,
  Log,
  MessageBus,
  ObservationQueue,
  RegistryClients,
  type SweepClock,
} from '#application';
import { PgListener } from '#persistence';
import { CONFIGURATION, type Configuration, CurrentRegistries, Metrics } from '#platform';
import { assembleCanaries } from './assemble-canaries.js';
import { assembleHearing } from './assemble-hearing.js';
import { assembleSweeper } from './assemble-sweeper.js';
import { CanaryKeeper } from './canary-keeper.js';
import { HearingWatch } from './hearing-watch.js';
import { Sweeper } from './sweeper.js';

const CLOCK: SweepClock = {
  now: Date.now,
  random: Math.random,
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

@Module({
  providers: [
    {
      provide: Sweeper,
      inject: [
        DataSource,
        PgListener,
        ObservationQueue,
        RegistryClients,
        CurrentRules,
        MessageBus,
        CurrentRegistries,
        Log,
        Metrics,
      ],
      useFactory: (
        dataSource: DataSource,
        listener: PgListener,
        observations: ObservationQueue,
        clients: RegistryClients,
        rules: CurrentRules,
        bus: MessageBus,
        registries: CurrentRegistries,
        log: Log,
        metrics: Metrics,
      ) =>
        assembleSweeper({ dataSource, listener, observations, clients, rules, bus, log, metrics }, registries, CLOCK),
    },
    {
      provide: CanaryKeeper,
      inject: [DataSource, RegistryClients, AlertChannels, CONFIGURATION, Log, Metrics],
      useFactory: (
        dataSource: DataSource,
        clients: RegistryClients,
        channels: AlertChannels,
        configuration: Configuration,
        log: Log,
        metrics: Metrics,
      ) => assembleCanaries({ dataSource, clients, channels, log, metrics }, configuration.registries, CLOCK),
    },
    {
      provide: HearingWatch,
      inject: [DataSource, CurrentRules, AlertChannels, CurrentRegistries, Log, Metrics],
      useFactory: (
        dataSource: DataSource,
        rules: CurrentRules,
        channels: AlertChannels,
        registries: CurrentRegistries,
        log: Log,
        metrics: Metrics,
      ) => assembleHearing({ dataSource, rules, channels, log, metrics }, registries, Date.now),
    },
  ],
})
export class SweeperModule {}
