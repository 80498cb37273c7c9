import { Module } from '@nestjs/common';
import { Log, MessageBus, ObservationQueue, ObserveTag, RegistryClients } from '#application';
import { CONFIGURATION, type Configuration } from '#platform';
import { Sweeper } from './sweeper.js';

@Module({
  providers: [
    {
      provide: ObserveTag,
      inject: [ObservationQueue, RegistryClients, MessageBus, Log],
      useFactory: (queue: ObservationQueue, clients: RegistryClients, bus: MessageBus, log: Log) =>
        new ObserveTag(queue, clients, bus, log, Date.now),
    },
    {
      provide: Sweeper,
      inject: [ObservationQueue, ObserveTag, CONFIGURATION, Log],
      useFactory: (queue: ObservationQueue, observeTag: ObserveTag, configuration: Configuration, log: Log) =>
        new Sweeper(queue, observeTag, configuration, log),
    },
  ],
})
export class SweeperModule {}
