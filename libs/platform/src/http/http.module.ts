import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { ApiKeys, KeyRing, Log, MessageBus } from '#application';
import { CHANNELS, PgApiKeys, PgKeyRing, type PgListener } from '#persistence';
import type { Secret } from '../configuration/index.js';
import { Metrics } from '../metrics/index.js';
import { ApiKeyGuard } from './api-key-guard.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { Readiness } from './readiness.js';

export type HttpNeeds = {
  readonly configuration: { readonly adminKey: Secret | null };
  /** null in an app that can do without: then the configured key alone opens it. */
  readonly database: { readonly dataSource: DataSource; readonly listener: Pick<PgListener, 'on'> } | null;
};

/** The edge that every app has: keys, health and metrics. `Log` and `MessageBus` come from a global module. */
@Module({})
export class HttpModule {
  static of({ configuration, database }: HttpNeeds): DynamicModule {
    const dataSource = database?.dataSource ?? null;
    const keys = keyProviders(configuration, database);
    return {
      module: HttpModule,
      global: true,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: Metrics, useFactory: () => new Metrics() },
        ...keys,
        {
          provide: Readiness,
          inject: [MessageBus, Log],
          useFactory: (bus: MessageBus, log: Log) => new Readiness(bus, dataSource, log),
        },
        {
          provide: APP_GUARD,
          inject: [Reflector, ApiKeys],
          useFactory: (reflector: Reflector, keys: ApiKeys) => new ApiKeyGuard(reflector, keys),
        },
      ],
      exports: [...keys.map(({ provide }) => provide), Metrics],
    };
  }
}

/** An app without a database hands out no keys. */
function keyProviders({ adminKey }: HttpNeeds['configuration'], database: HttpNeeds['database']) {
  const keys = new PgApiKeys(database?.dataSource ?? null, adminKey?.reveal() ?? null);
  const forget = () => keys.forget();
  database?.listener.on(CHANNELS.keys, forget);
  const opening = { provide: ApiKeys, useValue: keys };
  if (database === null) return [opening];
  return [opening, { provide: KeyRing, useValue: new PgKeyRing(database.dataSource, adminKey !== null, forget) }];
}
