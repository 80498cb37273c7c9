import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CurrentRules, Log, MessageBus, RecordBusBatch, RecordStore, RegistryClients, Vault } from '#application';
import { OutboxRelay, PgRules } from '#persistence';
import { CONFIGURATION, type Configuration, Metrics } from '#platform';
import { Recorder } from './recorder.js';

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
      provide: Recorder,
      inject: [MessageBus, RecordBusBatch, OutboxRelay, PgRules, DataSource, CONFIGURATION, Log],
      useFactory: (
        bus: MessageBus,
        batches: RecordBusBatch,
        relay: OutboxRelay,
        rules: PgRules,
        dataSource: DataSource,
        configuration: Configuration,
        log: Log,
      ) => new Recorder(bus, batches, relay, rules, dataSource, configuration.rules, log),
    },
  ],
})
export class RecorderModule {}
