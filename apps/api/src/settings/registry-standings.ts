import type { CanaryQueries, HearingQueries, SweepQueries } from '#application';
import type { RegistryStanding } from './registry-view.js';

/** What the database says of registries: sweeps, canaries, and which are deaf. */
export class RegistryStandings {
  constructor(
    private readonly sweeps: SweepQueries,
    private readonly canaries: CanaryQueries,
    private readonly hearing: HearingQueries,
  ) {}

  async of(names: readonly string[]): Promise<(name: string) => RegistryStanding> {
    const [sweeps, runs, deaf] = await Promise.all([
      this.sweeps.standings(names),
      this.canaries.lastRuns(names),
      this.hearing.deaf(names),
    ]);
    return (name) => ({ sweep: sweeps.get(name), lastRun: runs.get(name), deaf: deaf.get(name) });
  }
}
