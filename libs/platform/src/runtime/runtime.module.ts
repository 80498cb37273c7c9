import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  AlertChannels,
  AlertDeliveries,
  CurrentRules,
  EnforcementQueue,
  GuardQueue,
  Log,
  MessageBus,
  NotificationSources,
  ObservationQueue,
  RecordStore,
  RegistryClients,
  RegistryKeeping,
  Vault,
} from '#application';
import {
  OutboxRelay,
  PgAlertDeliveries,
  PgEnforcementQueue,
  PgGuardQueue,
  PgListener,
  PgObservationQueue,
  PgRecordStore,
  PgRules,
  PgVault,
} from '#persistence';
import { HttpsDocuments } from '#registries';
import { CurrentRegistries } from './current-registries.js';
import type { OpenDatabase } from './open-database.js';
import type { Runtime } from './runtime.js';

/** Injection token of the frozen `Configuration`. */
export const CONFIGURATION = Symbol('Configuration');

/** The ports of `application`, bound to what this process has opened. Global: every app's module finds them. */
@Module({})
export class RuntimeModule {
  static of(runtime: Runtime): DynamicModule {
    const providers: Provider[] = [
      { provide: CONFIGURATION, useValue: runtime.configuration },
      { provide: Log, useValue: runtime.log },
      { provide: MessageBus, useValue: runtime.bus },
      { provide: CurrentRegistries, useValue: runtime.registries },
      { provide: RegistryClients, useValue: runtime.clients },
      { provide: NotificationSources, useValue: runtime.sources },
      { provide: HttpsDocuments, useValue: runtime.documents },
      { provide: AlertChannels, useValue: runtime.channels },
      ...(runtime.database === null ? [] : recordProviders(runtime.database, runtime)),
    ];
    return {
      module: RuntimeModule,
      global: true,
      providers,
      exports: providers.map((provider) => (provider as { provide: symbol }).provide),
    };
  }
}

const recordProviders = (
  { dataSource, listener, rules }: OpenDatabase,
  { bus, log, configuration, registryKeeping }: Runtime,
): Provider[] => [
  { provide: DataSource, useValue: dataSource },
  { provide: PgListener, useValue: listener },
  { provide: PgRules, useValue: rules },
  { provide: CurrentRules, useValue: rules },
  { provide: RecordStore, useValue: new PgRecordStore(dataSource, configuration.incidents.windowMs) },
  { provide: Vault, useValue: new PgVault(dataSource) },
  { provide: EnforcementQueue, useValue: new PgEnforcementQueue(dataSource) },
  { provide: GuardQueue, useValue: new PgGuardQueue(dataSource) },
  { provide: ObservationQueue, useValue: new PgObservationQueue(dataSource) },
  { provide: RegistryKeeping, useValue: registryKeeping },
  { provide: AlertDeliveries, useValue: new PgAlertDeliveries(dataSource) },
  { provide: OutboxRelay, useValue: new OutboxRelay(dataSource, bus, listener, log) },
];
