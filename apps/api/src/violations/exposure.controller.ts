import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { ExposureQueries, ViolationUnknownError } from '#application';
import { ExposureQuery, type ExposureView, IdParameters } from '#contracts';
import { CurrentRegistries, SchemaPipe } from '#platform';
import { withPullsExplained } from './explain-pulls.js';

@Controller('api/v1/violations')
export class ExposureController {
  constructor(
    @Inject(ExposureQueries) private readonly exposures: ExposureQueries,
    @Inject(CurrentRegistries) private readonly registries: CurrentRegistries,
  ) {}

  @Get(':id/exposure')
  async get(
    @Param(new SchemaPipe(IdParameters)) { id }: IdParameters,
    @Query(new SchemaPipe(ExposureQuery)) { download }: ExposureQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ExposureView> {
    const exposure = await this.exposures.find(id);
    if (exposure === null) throw new ViolationUnknownError(id);
    if (download === 'true') response.setHeader('Content-Disposition', `attachment; filename="exposure-${id}.json"`);
    const { registry } = exposure.violation;
    return withPullsExplained(exposure, this.registries.find(registry)?.kind ?? null);
  }
}
