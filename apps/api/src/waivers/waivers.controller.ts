import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import {
  approveWaiver,
  createWaiver,
  revokeWaiver,
  WaiverKeeping,
  WaiverQueries,
  WaiverUnknownError,
} from '#application';
import { IdParameters, type Page, WaiverBody, WaiverReasonBody, WaiversQuery, type WaiverView } from '#contracts';
import { Caller, CONFIGURATION, type Configuration, SchemaPipe } from '#platform';
import { now } from '../clock.js';

@Controller('api/v1/waivers')
export class WaiversController {
  constructor(
    @Inject(WaiverQueries) private readonly waivers: WaiverQueries,
    @Inject(WaiverKeeping) private readonly keeping: WaiverKeeping,
    @Inject(CONFIGURATION) private readonly configuration: Pick<Configuration, 'waivers'>,
  ) {}

  @Get()
  list(@Query(new SchemaPipe(WaiversQuery)) query: WaiversQuery): Promise<Page<WaiverView>> {
    return this.waivers.list(query);
  }

  @Get(':id')
  async get(@Param(new SchemaPipe(IdParameters)) { id }: IdParameters): Promise<WaiverView> {
    const waiver = await this.waivers.find(id);
    if (waiver === null) throw new WaiverUnknownError(id);
    return waiver;
  }

  @Post()
  async create(@Body(new SchemaPipe(WaiverBody)) body: WaiverBody, @Caller() by: string): Promise<WaiverView> {
    const id = randomUUID();
    await createWaiver(this.keeping, body, { by, at: now() }, id, this.configuration.waivers);
    return this.get({ id });
  }

  @Post(':id/approve')
  @HttpCode(200)
  async approve(
    @Param(new SchemaPipe(IdParameters)) parameters: IdParameters,
    @Body(new SchemaPipe(WaiverReasonBody)) { reason }: WaiverReasonBody,
    @Caller() by: string,
  ): Promise<WaiverView> {
    await approveWaiver(this.keeping, parameters.id, { by, at: now() }, reason);
    return this.get(parameters);
  }

  /** Kept, and shown as revoked: what it permitted must stay explicable. */
  @Delete(':id')
  async revoke(
    @Param(new SchemaPipe(IdParameters)) parameters: IdParameters,
    @Body(new SchemaPipe(WaiverReasonBody)) { reason }: WaiverReasonBody,
    @Caller() by: string,
  ): Promise<WaiverView> {
    await revokeWaiver(this.keeping, parameters.id, { by, at: now() }, reason);
    return this.get(parameters);
  }
}
