// Interface that runtime/run-app.ts and apps/intake rely on (keep these names and signatures):
//   Public()                                   decorator
//   HttpModule.of(runtime): DynamicModule      global; provides+exports Metrics; guard, problem filter, health, metrics routes
//   configureHttp(nest: NestExpressApplication, log: Log): void   (bodyParser is off: JSON parsing for /api only, headers, unknown routes)
import { type DynamicModule, Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Log } from '#application';
import { Metrics } from '../metrics/index.js';
import type { Runtime } from '../runtime/runtime.js';

export * from './public.js';

@Module({})
export class HttpModule {
  static of(_runtime: Runtime): DynamicModule {
    return { module: HttpModule, global: true, providers: [Metrics], exports: [Metrics] };
  }
}

export function configureHttp(_nest: NestExpressApplication, _log: Log): void {}
