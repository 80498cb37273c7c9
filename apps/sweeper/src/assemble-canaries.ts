import type { DataSource } from 'typeorm';
import { type AlertChannels, type Log, type RegistryClients, RunCanary, type SweepClock } from '#application';
import { epochMsOf, type RegistryName } from '#domain';
import { PgCanaryQueries, PgCanaryQueue, PgCanaryRecord } from '#persistence';
import type { Metrics, RegistryConfiguration } from '#platform';
import { CanaryKeeper } from './canary-keeper.js';

export type CanaryParts = {
  readonly dataSource: DataSource;
  readonly clients: RegistryClients;
  readonly channels: AlertChannels;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'ranCanary' | 'showCanaries'>;
};

/** The keeper of these registries' canaries, over PostgreSQL. */
export function assembleCanaries(
  { dataSource, clients, channels, log, metrics }: CanaryParts,
  registries: readonly Pick<RegistryConfiguration, 'name' | 'canary'>[],
  clock: SweepClock,
): CanaryKeeper {
  const canaries = registries.flatMap(({ name, canary }) => (canary === null ? [] : [{ registry: name, ...canary }]));
  const settingsOf = (registry: RegistryName) => {
    const found = canaries.find((one) => one.registry === registry);
    if (found === undefined) throw new Error(`Registry "${registry}" has a canary to run, but none is configured.`);
    return found;
  };
  const queue = new PgCanaryQueue(dataSource);
  const record = new PgCanaryRecord(dataSource);
  const run = new RunCanary(queue, record, clients, channels, settingsOf, log, clock, (registry, one) =>
    metrics.ranCanary(registry, one),
  );
  showLastRuns(
    metrics,
    new PgCanaryQueries(dataSource),
    canaries.map(({ registry }) => registry),
  );
  return new CanaryKeeper(queue, canaries, run, log);
}

function showLastRuns(metrics: CanaryParts['metrics'], queries: PgCanaryQueries, names: readonly string[]): void {
  metrics.showCanaries(async () => {
    const runs = await queries.lastRuns(names);
    return [...runs].map(([registry, { at, outcome }]) => ({
      registry,
      seconds: epochMsOf(at) / 1_000,
      isOk: outcome === 'ok',
    }));
  });
}
