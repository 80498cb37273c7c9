import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { ApiKeys, Log, MessageBus } from '#application';
import { PgApiKeys } from '#persistence';
import type { Secret } from '../configuration/index.js';
import { Metrics } from '../metrics/index.js';
import { ApiKeyGuard } from './api-key-guard.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { Readiness } from './readiness.js';

export type HttpNeeds = {
  readonly configuration: { readonly adminKey: Secret | null };
  /** null in an app that can do without: then the configured key alone opens it. */
  readonly database: { readonly dataSource: DataSource } | null;
};

/** The edge that every app has: keys, health and metrics. `Log` and `MessageBus` come from a global module. */
@Module({})
export class HttpModule {
  static of({ configuration, database }: HttpNeeds): DynamicModule {
    const dataSource = database?.dataSource ?? null;
    return {
      module: HttpModule,
      global: true,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: Metrics, useFactory: () => new Metrics() },
        { provide: ApiKeys, useFactory: () => new PgApiKeys(dataSource, configuration.adminKey?.reveal() ?? null) },
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
      exports: [ApiKeys, Metrics],
    };
  }
}
