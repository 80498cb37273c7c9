import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import {
  type InstalledSubscriptionView,
  RegistryParameters,
  SubscriptionBody,
  type SubscriptionView,
} from '#contracts';
import { DomainError } from '#domain';
import {
  Caller,
  CONFIGURATION,
  type Configuration,
  CurrentRegistries,
  type RegistryConfiguration,
  SchemaPipe,
} from '#platform';
import { now } from '../clock.js';
import { RegistryUnknownError } from '../not-found.errors.js';
import { SubscribeRegistry, type WebhookPlace } from './subscribe-registry.js';

@Controller('api/v1/registries/:name/subscription')
export class SubscriptionController {
  constructor(
    @Inject(SubscribeRegistry) private readonly subscriptions: SubscribeRegistry,
    @Inject(CurrentRegistries) private readonly registries: CurrentRegistries,
    @Inject(CONFIGURATION) private readonly configuration: Pick<Configuration, 'publicUrl'>,
  ) {}

  @Get()
  get(
    @Param(new SchemaPipe(RegistryParameters)) { name }: RegistryParameters,
    @Req() request: Request,
  ): Promise<SubscriptionView> {
    return this.subscriptions.guide(this.find(name), this.placeOf(name, request));
  }

  @Post()
  @HttpCode(200)
  install(
    @Param(new SchemaPipe(RegistryParameters)) { name }: RegistryParameters,
    @Body(new SchemaPipe(SubscriptionBody)) { scopes }: SubscriptionBody,
    @Req() request: Request,
    @Caller() by: string,
  ): Promise<InstalledSubscriptionView> {
    return this.subscriptions.install(this.find(name), this.placeOf(name, request), scopes, { by, at: now() });
  }

  private find(name: string): RegistryConfiguration {
    const registry = this.registries.find(name);
    if (registry !== null) return registry;
    const unreadable = this.registries.unreadable().find((one) => one.name === name);
    throw unreadable ? new DomainError('SECRETS_UNREADABLE', unreadable.reason) : new RegistryUnknownError(name);
  }

  private placeOf(name: string, { protocol, headers }: Request): WebhookPlace {
    const { publicUrl } = this.configuration;
    const base = publicUrl ?? `${protocol}://${headers.host}`;
    return { url: `${base}/hooks/${name}`, isGuessed: publicUrl === null };
  }
}
