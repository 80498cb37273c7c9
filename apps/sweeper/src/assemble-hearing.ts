import type { DataSource } from 'typeorm';
import { type AlertChannels, type CurrentRules, type Log, WatchHearing } from '#application';
import type { RegistryName } from '#domain';
import { PgHearingBook, PgHearingQueries } from '#persistence';
import type { CurrentRegistries, Metrics } from '#platform';
import { getAdapter } from '#registries';
import { HearingWatch } from './hearing-watch.js';

export type HearingParts = {
  readonly dataSource: DataSource;
  readonly rules: CurrentRules;
  readonly channels: AlertChannels;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'showHearing'>;
};

/** The watch over which of these registries still notify us, over PostgreSQL. */
export function assembleHearing(
  { dataSource, rules, channels, log, metrics }: HearingParts,
  registries: Pick<CurrentRegistries, 'names' | 'find'>,
  now: () => number,
): HearingWatch {
  const tellsDeletions = (name: RegistryName) => {
    const registry = registries.find(name);
    return registry !== null && getAdapter(registry.kind).capabilities.tagDeletions;
  };
  const queries = new PgHearingQueries(dataSource);
  metrics.showHearing(async () => {
    const deaf = await queries.deaf(registries.names());
    return registries.names().map((registry) => ({ registry, isDeaf: deaf.has(registry) }));
  });
  const watch = new WatchHearing(new PgHearingBook(dataSource), rules, channels, tellsDeletions, log, now);
  return new HearingWatch(watch, () => registries.names(), log);
}
