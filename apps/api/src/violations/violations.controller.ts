import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import {
  AcceptViolation,
  acknowledgeViolation,
  restoreViolation,
  ViolationHandling,
  ViolationQueries,
  ViolationUnknownError,
} from '#application';
import {
  AcceptBody,
  AcknowledgeBody,
  IdParameters,
  type Page,
  RestoreBody,
  ViolationsQuery,
  type ViolationView,
} from '#contracts';
import { Caller, SchemaPipe } from '#platform';
import { now } from '../clock.js';

const ACCEPTED = 202;

@Controller('api/v1/violations')
export class ViolationsController {
  constructor(
    @Inject(ViolationQueries) private readonly violations: ViolationQueries,
    @Inject(ViolationHandling) private readonly handling: ViolationHandling,
    @Inject(AcceptViolation) private readonly acceptance: AcceptViolation,
  ) {}

  @Get()
  list(@Query(new SchemaPipe(ViolationsQuery)) query: ViolationsQuery): Promise<Page<ViolationView>> {
    return this.violations.list(query);
  }

  @Get(':id')
  async get(@Param(new SchemaPipe(IdParameters)) { id }: IdParameters): Promise<ViolationView> {
    const violation = await this.violations.find(id);
    if (violation === null) throw new ViolationUnknownError(id);
    return violation;
  }

  @Post(':id/restore')
  @HttpCode(200)
  async restore(
    @Param(new SchemaPipe(IdParameters)) parameters: IdParameters,
    @Body(new SchemaPipe(RestoreBody)) { reason }: RestoreBody,
    @Caller() by: string,
  ): Promise<ViolationView> {
    await restoreViolation(this.handling, parameters.id, by, now(), reason);
    return this.get(parameters);
  }

  @Post(':id/accept')
  @HttpCode(200)
  async accept(
    @Param(new SchemaPipe(IdParameters)) { id }: IdParameters,
    @Body(new SchemaPipe(AcceptBody)) { reason }: AcceptBody,
    @Caller() by: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ViolationView> {
    const violation = await this.acceptance.accept(id, { reason, by, at: now() });
    if (violation.state !== 'accepted') response.status(ACCEPTED);
    return violation;
  }

  @Post(':id/acknowledge')
  @HttpCode(200)
  async acknowledge(
    @Param(new SchemaPipe(IdParameters)) parameters: IdParameters,
    @Body(new SchemaPipe(AcknowledgeBody)) { note }: AcknowledgeBody,
    @Caller() by: string,
  ): Promise<ViolationView> {
    await acknowledgeViolation(this.handling, parameters.id, by, now(), note);
    return this.get(parameters);
  }
}
