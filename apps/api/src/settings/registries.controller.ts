import { Controller, Get, Inject, Query } from '@nestjs/common';
import { type Page, RegistriesQuery, type RegistryView } from '#contracts';
import { CONFIGURATION, type Configuration, SchemaPipe } from '#platform';
import { pageOfList } from './page-of-list.js';

@Controller('api/v1/registries')
export class RegistriesController {
  constructor(@Inject(CONFIGURATION) private readonly configuration: Pick<Configuration, 'registries'>) {}

  /** Field by field: a configured registry holds secrets too. */
  @Get()
  list(@Query(new SchemaPipe(RegistriesQuery)) query: RegistriesQuery): Page<RegistryView> {
    const views = this.configuration.registries
      .map(({ name, kind, url }) => ({ name, kind, url, webhookPath: `/hooks/${name}` }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return pageOfList(views, ({ name }) => name, query);
  }
}
