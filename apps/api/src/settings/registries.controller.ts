import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { SweepRequests } from '#application';
import {
  AnyRegistryBody,
  type Page,
  RegistriesQuery,
  RegistryParameters,
  type RegistryView,
  SaveRegistryQuery,
  type SweepView,
} from '#contracts';
import { Caller, CurrentRegistries, type RegistryConfiguration, SchemaPipe } from '#platform';
import { now } from '../clock.js';
import { RegistryUnknownError } from '../not-found.errors.js';
import { checkRegistry } from './check-registry.js';
import { ManageRegistries } from './manage-registries.js';
import { pageOfList } from './page-of-list.js';
import { RegistryStandings } from './registry-standings.js';
import { registryViewOf, type ShownRegistry, shownRegistries } from './registry-view.js';

@Controller('api/v1/registries')
export class RegistriesController {
  constructor(
    @Inject(CurrentRegistries) private readonly registries: CurrentRegistries,
    @Inject(ManageRegistries) private readonly managing: ManageRegistries,
    @Inject(RegistryStandings) private readonly standings: RegistryStandings,
    @Inject(SweepRequests) private readonly requests: SweepRequests,
  ) {}

  @Get()
  async list(@Query(new SchemaPipe(RegistriesQuery)) query: RegistriesQuery): Promise<Page<RegistryView>> {
    const { items, nextCursor } = pageOfList(shownRegistries(this.registries), ({ name }) => name, query);
    const standingOf = await this.standings.of(items.map(({ name }) => name));
    return { items: items.map((registry) => registryViewOf(registry, standingOf(registry.name))), nextCursor };
  }

  @Get(':name')
  async get(@Param(new SchemaPipe(RegistryParameters)) { name }: RegistryParameters): Promise<RegistryView> {
    return registryViewOf(this.find(name), (await this.standings.of([name]))(name));
  }

  @Post()
  async create(
    @Query(new SchemaPipe(SaveRegistryQuery)) { check }: SaveRegistryQuery,
    @Body(new SchemaPipe(AnyRegistryBody)) body: AnyRegistryBody,
    @Caller() by: string,
  ): Promise<RegistryView> {
    await this.managing.create(body, checking(check), { by, at: now() });
    return this.get({ name: body.name } as RegistryParameters);
  }

  @Put(':name')
  async replace(
    @Param(new SchemaPipe(RegistryParameters)) { name }: RegistryParameters,
    @Query(new SchemaPipe(SaveRegistryQuery)) { check }: SaveRegistryQuery,
    @Body(new SchemaPipe(AnyRegistryBody)) body: AnyRegistryBody,
    @Caller() by: string,
  ): Promise<RegistryView> {
    await this.managing.replace(name, body, checking(check), { by, at: now() });
    return this.get({ name });
  }

  @Delete(':name')
  @HttpCode(204)
  async delete(
    @Param(new SchemaPipe(RegistryParameters)) { name }: RegistryParameters,
    @Caller() by: string,
  ): Promise<void> {
    await this.managing.delete(name, { by, at: now() });
  }

  @Post(':name/sweep')
  @HttpCode(202)
  async sweep(
    @Param(new SchemaPipe(RegistryParameters)) { name }: RegistryParameters,
    @Caller() by: string,
  ): Promise<SweepView> {
    const registry = this.find(name);
    await this.requests.byHand(name, by, now());
    return registryViewOf(registry, (await this.standings.of([name]))(name)).sweep;
  }

  private find(name: string): ShownRegistry {
    const registry = shownRegistries(this.registries).find((candidate) => candidate.name === name);
    if (registry === undefined) throw new RegistryUnknownError(name);
    return registry;
  }
}

const checking = (check: SaveRegistryQuery['check']) => (registry: RegistryConfiguration) =>
  checkRegistry(registry, check === 'true');
