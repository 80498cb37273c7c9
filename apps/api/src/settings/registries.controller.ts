import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { SweepQueries, SweepRequests, type SweepStanding } from '#application';
import { type Page, RegistriesQuery, RegistryParameters, type RegistryView, type SweepView } from '#contracts';
import { Caller, CONFIGURATION, type Configuration, type RegistryConfiguration, SchemaPipe } from '#platform';
import { now } from '../clock.js';
import { RegistryUnknownError } from '../not-found.errors.js';
import { pageOfList } from './page-of-list.js';

const NEVER_SWEPT: SweepStanding = { nextAt: null, pending: null, running: null, last: null };

@Controller('api/v1/registries')
export class RegistriesController {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Pick<Configuration, 'registries'>,
    @Inject(SweepQueries) private readonly sweeps: SweepQueries,
    @Inject(SweepRequests) private readonly requests: SweepRequests,
  ) {}

  @Get()
  async list(@Query(new SchemaPipe(RegistriesQuery)) query: RegistriesQuery): Promise<Page<RegistryView>> {
    const byName = [...this.configuration.registries].sort((a, b) => (a.name < b.name ? -1 : 1));
    const { items, nextCursor } = pageOfList(byName, ({ name }) => name, query);
    const standings = await this.sweeps.standings(items.map(({ name }) => name));
    return { items: items.map((registry) => viewOf(registry, standings.get(registry.name))), nextCursor };
  }

  @Get(':name')
  async get(@Param(new SchemaPipe(RegistryParameters)) { name }: RegistryParameters): Promise<RegistryView> {
    const registry = this.find(name);
    return viewOf(registry, (await this.sweeps.standings([name])).get(name));
  }

  @Post(':name/sweep')
  @HttpCode(202)
  async sweep(
    @Param(new SchemaPipe(RegistryParameters)) { name }: RegistryParameters,
    @Caller() by: string,
  ): Promise<SweepView> {
    const registry = this.find(name);
    await this.requests.byHand(registry.name, by, now());
    return viewOf(registry, (await this.sweeps.standings([name])).get(name)).sweep;
  }

  private find(name: string): RegistryConfiguration {
    const registry = this.configuration.registries.find((candidate) => candidate.name === name);
    if (registry === undefined) throw new RegistryUnknownError(name);
    return registry;
  }
}

/** Field by field: a configured registry holds secrets too. */
const viewOf = ({ name, kind, url, sweep }: RegistryConfiguration, standing = NEVER_SWEPT): RegistryView => ({
  name,
  kind,
  url,
  webhookPath: `/hooks/${name}`,
  sweep: { everySeconds: sweep.everyMs / 1_000, ...standing },
});
