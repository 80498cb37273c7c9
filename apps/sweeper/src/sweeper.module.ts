import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CurrentRules, Log, MessageBus, ObservationQueue, RegistryClients } from '#application';
import { PgListener } from '#persistence';
import { CONFIGURATION, type Configuration, Metrics } from '#platform';
import { assembleSweeper } from './assemble-sweeper.js';
import { Sweeper } from './sweeper.js';

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
        CONFIGURATION,
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
        configuration: Configuration,
        log: Log,
        metrics: Metrics,
      ) =>
        assembleSweeper(
          { dataSource, listener, observations, clients, rules, bus, log, metrics },
          configuration.registries,
          {
            now: Date.now,
            random: Math.random,
            sleep: (ms, signal) => sleep(ms, undefined, { signal }),
          },
        ),
    },
  ],
})
export class SweeperModule {}
