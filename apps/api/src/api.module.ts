import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  AcceptViolation,
  CurrentRules,
  EventQueries,
  ExposureQueries,
  FightBreakers,
  HandleIncident,
  IncidentHandling,
  IncidentQueries,
  LimitedRegistryClients,
  Log,
  MessageBus,
  NotificationSources,
  PreviewRule,
  RecordFeed,
  RegistryClients,
  RegistryKeeping,
  RejectedQueries,
  ReplayableRecord,
  ReplayRejected,
  Revocations,
  RuleKeeping,
  RuleSealingQueries,
  SweepQueries,
  SweepRequests,
  TagQueries,
  ViolationHandling,
  ViolationQueries,
  WaiverKeeping,
  WaiverQueries,
} from '#application';
import {
  PgCanaryQueries,
  PgEventQueries,
  PgExposureQueries,
  PgFightBreakers,
  PgHearingQueries,
  PgIncidentHandling,
  PgIncidentQueries,
  PgListener,
  PgRecordFeed,
  PgRejectedQueries,
  PgReplayableRecord,
  PgRevocations,
  PgRuleKeeping,
  PgRuleSealingQueries,
  PgSweepQueries,
  PgSweepRequests,
  PgTagQueries,
  PgViolationHandling,
  PgViolationQueries,
  PgWaiverKeeping,
  PgWaiverQueries,
} from '#persistence';
import { CONFIGURATION, type Configuration, CurrentRegistries } from '#platform';
import { BreakersController } from './breakers/breakers.controller.js';
import { IncidentsController } from './incidents/incidents.controller.js';
import { KeysController } from './keys/keys.controller.js';
import { LiveStreams } from './live-stream/live-streams.js';
import { StreamController } from './live-stream/stream.controller.js';
import { OpenApiController } from './openapi.controller.js';
import { EventsController } from './record/events.controller.js';
import { RejectedController } from './record/rejected.controller.js';
import { TagsController } from './record/tags.controller.js';
import { RevocationsController } from './revocations/revocations.controller.js';
import { PreviewController } from './rules/preview.controller.js';
import { RulesController } from './rules/rules.controller.js';
import { SealingController } from './rules/sealing.controller.js';
import { ManageRegistries } from './settings/manage-registries.js';
import { RegistriesController } from './settings/registries.controller.js';
import { RegistryStandings } from './settings/registry-standings.js';
import { SubscribeRegistry } from './settings/subscribe-registry.js';
import { SubscriptionController } from './settings/subscription.controller.js';
import { ExposureController } from './violations/exposure.controller.js';
import { ViolationsController } from './violations/violations.controller.js';
import { WaiversController } from './waivers/waivers.controller.js';

/** About five seconds: an acceptance that takes longer is answered with 202. */
const PATIENCE = { attempts: 50, intervalMs: 100, sleep: (ms: number) => sleep(ms) };

/** That previews send to one registry at a time, all together. */
const PREVIEW_REQUESTS = 8;

/** The HTTP API. `RuntimeModule` and `HttpModule`, both global, provide what it stands on. */
@Module({
  controllers: [
    TagsController,
    EventsController,
    RejectedController,
    ViolationsController,
    ExposureController,
    IncidentsController,
    BreakersController,
    RevocationsController,
    RulesController,
    PreviewController,
    SealingController,
    WaiversController,
    RegistriesController,
    SubscriptionController,
    KeysController,
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
      provide: ExposureQueries,
      inject: [DataSource],
      useFactory: (source: DataSource) => new PgExposureQueries(source),
    },
    {
      provide: RejectedQueries,
      inject: [DataSource],
      useFactory: (source: DataSource) => new PgRejectedQueries(source),
    },
    {
      provide: ViolationHandling,
      inject: [DataSource, CurrentRules],
      useFactory: (source: DataSource, rules: CurrentRules) => new PgViolationHandling(source, rules),
    },
    { provide: FightBreakers, inject: [DataSource], useFactory: (source: DataSource) => new PgFightBreakers(source) },
    { provide: Revocations, inject: [DataSource], useFactory: (source: DataSource) => new PgRevocations(source) },
    { provide: RuleKeeping, inject: [DataSource], useFactory: (source: DataSource) => new PgRuleKeeping(source) },
    {
      provide: ReplayableRecord,
      inject: [DataSource],
      useFactory: (source: DataSource) => new PgReplayableRecord(source),
    },
    {
      provide: PreviewRule,
      inject: [ReplayableRecord, CurrentRules, RegistryClients, CONFIGURATION, CurrentRegistries],
      useFactory: (
        record: ReplayableRecord,
        rules: CurrentRules,
        clients: RegistryClients,
        { settleMs }: Pick<Configuration, 'settleMs'>,
        registries: CurrentRegistries,
      ) =>
        new PreviewRule(record, rules, new LimitedRegistryClients(clients, PREVIEW_REQUESTS), {
          settleMs,
          registries: () => registries.names(),
        }),
    },
    {
      provide: ManageRegistries,
      inject: [CurrentRegistries, RegistryKeeping],
      useFactory: (registries: CurrentRegistries, keeping: RegistryKeeping) =>
        new ManageRegistries(registries, keeping),
    },
    {
      provide: SubscribeRegistry,
      inject: [RegistryKeeping],
      useFactory: (keeping: RegistryKeeping) => new SubscribeRegistry(keeping),
    },
    { provide: SweepQueries, inject: [DataSource], useFactory: (source: DataSource) => new PgSweepQueries(source) },
    {
      provide: RegistryStandings,
      inject: [DataSource, SweepQueries],
      useFactory: (source: DataSource, sweeps: SweepQueries) =>
        new RegistryStandings(sweeps, new PgCanaryQueries(source), new PgHearingQueries(source)),
    },
    { provide: SweepRequests, inject: [DataSource], useFactory: (source: DataSource) => new PgSweepRequests(source) },
    {
      provide: RuleSealingQueries,
      inject: [DataSource],
      useFactory: (source: DataSource) => new PgRuleSealingQueries(source),
    },
    { provide: WaiverKeeping, inject: [DataSource], useFactory: (source: DataSource) => new PgWaiverKeeping(source) },
    { provide: WaiverQueries, inject: [DataSource], useFactory: (source: DataSource) => new PgWaiverQueries(source) },
    {
      provide: AcceptViolation,
      inject: [ViolationHandling, ViolationQueries, MessageBus],
      useFactory: (handling: ViolationHandling, queries: ViolationQueries, bus: MessageBus) =>
        new AcceptViolation(handling, queries, bus, PATIENCE),
    },
    {
      provide: IncidentQueries,
      inject: [DataSource],
      useFactory: (source: DataSource) => new PgIncidentQueries(source),
    },
    {
      provide: IncidentHandling,
      inject: [DataSource],
      useFactory: (source: DataSource) => new PgIncidentHandling(source),
    },
    {
      provide: HandleIncident,
      inject: [IncidentHandling, ViolationHandling, AcceptViolation, Log],
      useFactory: (incidents: IncidentHandling, handling: ViolationHandling, acceptance: AcceptViolation, log: Log) =>
        new HandleIncident(incidents, handling, acceptance, PATIENCE, log),
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
