import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { AlertChannels, AlertDeliveries, DeliverAlerts, Log, MessageBus } from '#application';
import { instantOf } from '#domain';
import { Metrics } from '#platform';
import { AlertCourier } from './alert-courier.js';
import { ViolationIntake } from './violation-intake.js';

const now = () => instantOf(Date.now());

/** Violations → alert channels. Delivery starts with the application and drains before it shuts down. */
@Module({})
export class NotifierModule {
  /** `imports` must export `MessageBus`, `AlertDeliveries`, `AlertChannels` and `Log`. */
  static with(imports: ModuleMetadata['imports']): DynamicModule {
    return {
      module: NotifierModule,
      imports,
      providers: [
        {
          provide: DeliverAlerts,
          inject: [AlertDeliveries, Log, { token: Metrics, optional: true }],
          useFactory: (deliveries: AlertDeliveries, log: Log, metrics?: Metrics) =>
            new DeliverAlerts(deliveries, log, now, Math.random, undefined, (channel, outcome) =>
              metrics?.delivered(channel, outcome),
            ),
        },
        {
          provide: AlertCourier,
          inject: [AlertChannels, DeliverAlerts, Log],
          useFactory: (channels: AlertChannels, deliver: DeliverAlerts, log: Log) =>
            new AlertCourier(channels, deliver, log),
        },
        {
          provide: ViolationIntake,
          inject: [MessageBus, AlertChannels, AlertDeliveries, AlertCourier],
          useFactory: (bus: MessageBus, channels: AlertChannels, deliveries: AlertDeliveries, courier: AlertCourier) =>
            new ViolationIntake(bus, channels, deliveries, courier, now),
        },
      ],
    };
  }
}
