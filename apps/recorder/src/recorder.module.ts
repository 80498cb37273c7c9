import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CurrentRules, Log, MessageBus, RecordBusBatch, RecordStore, RegistryClients, Vault } from '#application';
import { OutboxRelay, PgListener, PgRules } from '#persistence';
import { CONFIGURATION, type Configuration, Metrics } from '#platform';
import { Recorder } from './recorder.js';
import { RulingFollower } from './ruling-follower.js';

/** A batch waits no longer than this for a registry to tell what an index lists. */
const CHILDREN_TIMEOUT_MS = 2_000;

@Module({
  providers: [
    {
      provide: RecordBusBatch,
      inject: [RecordStore, Vault, RegistryClients, CurrentRules, CONFIGURATION, Log, Metrics],
      useFactory: (
        store: RecordStore,
        vault: Vault,
        clients: RegistryClients,
        rules: CurrentRules,
        { settleMs }: Configuration,
        log: Log,
        metrics: Metrics,
      ) =>
        new RecordBusBatch(
          store,
          vault,
          clients,
          rules,
          { settleMs, childrenTimeoutMs: CHILDREN_TIMEOUT_MS, now: Date.now },
          log,
          (recorded) => metrics.recorded(recorded),
        ),
    },
    {
      provide: RulingFollower,
      inject: [PgRules, DataSource, MessageBus, PgListener, Log],
      useFactory: (rules: PgRules, dataSource: DataSource, bus: MessageBus, listener: PgListener, log: Log) =>
        new RulingFollower(rules, dataSource, bus, listener, log),
    },
    {
      provide: Recorder,
      inject: [MessageBus, RecordBusBatch, OutboxRelay, PgRules, RulingFollower, DataSource, CONFIGURATION, Log],
      useFactory: (
        bus: MessageBus,
        batches: RecordBusBatch,
        relay: OutboxRelay,
        rules: PgRules,
        follower: RulingFollower,
        dataSource: DataSource,
        configuration: Configuration,
        log: Log,
      ) => new Recorder(bus, batches, relay, rules, follower, dataSource, configuration.rules, log),
    },
  ],
})
export class RecorderModule {}
