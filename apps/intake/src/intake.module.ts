import { Module } from '@nestjs/common';
import { MessageBus, ReceiveNotification } from '#application';
import { Metrics } from '#platform';
import { HttpsDocuments } from '#registries';
import { HooksController } from './hooks.controller.js';

@Module({
  controllers: [HooksController],
  providers: [
    {
      provide: ReceiveNotification,
      inject: [MessageBus, HttpsDocuments, Metrics],
      useFactory: (bus: MessageBus, documents: HttpsDocuments, metrics: Metrics) =>
        new ReceiveNotification(
          bus,
          (url) => documents.visit(url),
          (registry, understood) => metrics.understood(registry, understood),
        ),
    },
  ],
})
export class IntakeModule {}
