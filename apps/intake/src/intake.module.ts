import { Module } from '@nestjs/common';
import { MessageBus, ReceiveNotification } from '#application';
import { Metrics } from '#platform';
import { HooksController } from './hooks.controller.js';

@Module({
  controllers: [HooksController],
  providers: [
    {
      provide: ReceiveNotification,
      inject: [MessageBus, Metrics],
      useFactory: (bus: MessageBus, metrics: Metrics) =>
        new ReceiveNotification(bus, (registry, understood) => metrics.understood(registry, understood)),
    },
  ],
})
export class IntakeModule {}
