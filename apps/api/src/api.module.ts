import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  AcceptViolation,
  EventQueries,
  Log,
  MessageBus,
  NotificationSources,
  RecordFeed,
  RejectedQueries,
  ReplayRejected,
  TagQueries,
  ViolationHandling,
  ViolationQueries,
} from '#application';
import {
  PgEventQueries,
  PgListener,
  PgRecordFeed,
  PgRejectedQueries,
  PgTagQueries,
  PgViolationHandling,
  PgViolationQueries,
} from '#persistence';
import { LiveStreams } from './live-stream/live-streams.js';
import { StreamController } from './live-stream/stream.controller.js';
import { OpenApiController } from './openapi.controller.js';
import { EventsController } from './record/events.controller.js';
import { RejectedController } from './record/rejected.controller.js';
import { TagsController } from './record/tags.controller.js';
import { RegistriesController } from './settings/registries.controller.js';
import { RulesController } from './settings/rules.controller.js';
import { ViolationsController } from './violations/violations.controller.js';

/** About five seconds: an acceptance that takes longer is answered with 202. */
const PATIENCE = { attempts: 50, intervalMs: 100, sleep: (ms: number) => sleep(ms) };

/** The HTTP API. `RuntimeModule` and `HttpModule`, both global, provide what it stands on. */
@Module({
  controllers: [
    TagsController,
    EventsController,
    RejectedController,
    ViolationsController,
    RulesController,
    RegistriesController,
    StreamController,
    OpenApiController,
  ],
  providers: [
    { provide: TagQueries, inject: [DataSource], useFactory: (source: DataSource) => new PgTagQueries(source) },
    { provide: EventQueries, inject: [DataSource], useFactory: (source: DataSource) => new PgEventQueries(source) },
    {
      provide: ViolationQueries,
      inject: [DataSource],
      useFactory: (source: DataSource) => new PgViolationQueries(source),
    },
    {
      provide: RejectedQueries,
      inject: [DataSource],
      useFactory: (source: DataSource) => new PgRejectedQueries(source),
    },
    {
      provide: ViolationHandling,
      inject: [DataSource],
      useFactory: (source: DataSource) => new PgViolationHandling(source),
    },
    {
      provide: AcceptViolation,
      inject: [ViolationHandling, ViolationQueries, MessageBus],
      useFactory: (handling: ViolationHandling, queries: ViolationQueries, bus: MessageBus) =>
        new AcceptViolation(handling, queries, bus, PATIENCE),
    },
    {
      provide: ReplayRejected,
      inject: [NotificationSources, MessageBus],
      useFactory: (sources: NotificationSources, bus: MessageBus) => new ReplayRejected(sources, bus),
    },
    {
      provide: RecordFeed,
      inject: [DataSource, PgListener, Log],
      useFactory: (source: DataSource, listener: PgListener, log: Log) => new PgRecordFeed(source, listener, log),
    },
    { provide: LiveStreams, inject: [RecordFeed], useFactory: (feed: RecordFeed) => new LiveStreams(feed) },
  ],
})
export class ApiModule {}
