import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { HandleIncident, type IncidentOutcome, IncidentQueries, IncidentUnknownError } from '#application';
import {
  AcceptBody,
  AcknowledgeBody,
  IdParameters,
  type IncidentOutcomeView,
  IncidentsQuery,
  type IncidentView,
  type Page,
  RestoreBody,
} from '#contracts';
import { Caller, SchemaPipe } from '#platform';
import { now } from '../clock.js';

const ACCEPTED = 202;

@Controller('api/v1/incidents')
export class IncidentsController {
  constructor(
    @Inject(IncidentQueries) private readonly incidents: IncidentQueries,
    @Inject(HandleIncident) private readonly handling: HandleIncident,
  ) {}

  @Get()
  list(@Query(new SchemaPipe(IncidentsQuery)) query: IncidentsQuery): Promise<Page<IncidentView>> {
    return this.incidents.list(query);
  }

  @Get(':id')
  async get(@Param(new SchemaPipe(IdParameters)) { id }: IdParameters): Promise<IncidentView> {
    const incident = await this.incidents.find(id);
    if (incident === null) throw new IncidentUnknownError(id);
    return incident;
  }

  @Post(':id/restore')
  @HttpCode(200)
  async restore(
    @Param(new SchemaPipe(IdParameters)) { id }: IdParameters,
    @Body(new SchemaPipe(RestoreBody)) { reason }: RestoreBody,
    @Caller() by: string,
  ): Promise<IncidentOutcomeView> {
    return this.viewOf(id, await this.handling.restore(id, { by, at: now() }, reason));
  }

  @Post(':id/accept')
  @HttpCode(200)
  async accept(
    @Param(new SchemaPipe(IdParameters)) { id }: IdParameters,
    @Body(new SchemaPipe(AcceptBody)) { reason }: AcceptBody,
    @Caller() by: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<IncidentOutcomeView> {
    const outcome = await this.handling.accept(id, { by, at: now() }, reason);
    if (outcome.underWay > 0) response.status(ACCEPTED);
    return this.viewOf(id, outcome);
  }

  @Post(':id/acknowledge')
  @HttpCode(200)
  async acknowledge(
    @Param(new SchemaPipe(IdParameters)) { id }: IdParameters,
    @Body(new SchemaPipe(AcknowledgeBody)) { note }: AcknowledgeBody,
    @Caller() by: string,
  ): Promise<IncidentOutcomeView> {
    return this.viewOf(id, await this.handling.acknowledge(id, { by, at: now() }, note));
  }

  private async viewOf(id: string, { refused, ...counts }: IncidentOutcome): Promise<IncidentOutcomeView> {
    return { incident: await this.get({ id }), ...counts, refused: [...refused] };
  }
}
