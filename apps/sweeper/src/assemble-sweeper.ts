import type { DataSource } from 'typeorm';
import {
  BeginSweep,
  type CurrentRules,
  LimitedRegistryClients,
  type Log,
  type MessageBus,
  type ObservationQueue,
  ObserveTag,
  type RegistryClients,
  RequestPace,
  type SweepClock,
  SweepEnd,
  SweepRepository,
} from '#application';
import { epochMsOf, type RegistryName } from '#domain';
import { type PgListener, PgRecordedTags, PgSweepQueries, PgSweepQueue, PgSweepRepositoryQueue } from '#persistence';
import type { Metrics } from '#platform';
import { Sweeper } from './sweeper.js';
import { type SweptRegistries, type SweptRegistry, sweepSettings } from './swept-registries.js';

export type SweeperParts = {
  readonly dataSource: DataSource;
  readonly listener: PgListener;
  readonly observations: ObservationQueue;
  readonly clients: RegistryClients;
  readonly rules: CurrentRules;
  readonly bus: MessageBus;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'swept' | 'showSweepAges'>;
};

/** A sweeper of these registries, over the record in PostgreSQL. */
export function assembleSweeper(
  { dataSource, listener, observations, clients, rules, bus, log, metrics }: SweeperParts,
  registries: SweptRegistries,
  clock: SweepClock,
): Sweeper {
  const stopping = new AbortController();
  const sweepOf = sweepSettings(registries);
  const paced = limitedClients(clients, sweepOf, clock, stopping.signal);
  const recorded = new PgRecordedTags(dataSource);
  const [sweeps, repositories] = [new PgSweepQueue(dataSource), new PgSweepRepositoryQueue(dataSource)];
  const end = new SweepEnd((name) => sweepOf(name).everyMs, log, clock);
  showAges(metrics, new PgSweepQueries(dataSource), registries, clock);
  return new Sweeper(
    {
      observations,
      observeTag: new ObserveTag(observations, clients, bus, log, clock.now),
      sweeps,
      beginSweep: new BeginSweep(sweeps, recorded, paced, rules, (name) => sweepOf(name).repositories, end, log, clock),
      repositories,
      sweepRepository: new SweepRepository(
        repositories,
        recorded,
        paced,
        rules,
        bus,
        end,
        log,
        clock,
        (registry, tags, differences) => metrics.swept(registry, tags, differences),
      ),
    },
    listener,
    registries,
    log,
    stopping,
  );
}

function limitedClients(
  clients: RegistryClients,
  sweepOf: (name: RegistryName) => SweptRegistry['sweep'],
  clock: SweepClock,
  signal: AbortSignal,
): RegistryClients {
  return new LimitedRegistryClients(clients, (name) => {
    const { concurrency, requestsPerSecond } = sweepOf(name);
    const pace = new RequestPace(requestsPerSecond, { now: clock.now, sleep: (ms) => clock.sleep(ms, signal) });
    return {
      atATime: concurrency,
      turn: () => {
        signal.throwIfAborted();
        return pace.turn();
      },
    };
  });
}

function showAges(
  metrics: SweeperParts['metrics'],
  queries: PgSweepQueries,
  registries: SweptRegistries,
  clock: Pick<SweepClock, 'now'>,
): void {
  metrics.showSweepAges(async () => {
    const begun = await queries.lastBegun(registries.list().map(({ name }) => name));
    return [...begun].map(([registry, at]) => ({ registry, seconds: (clock.now() - epochMsOf(at)) / 1_000 }));
  });
}
