import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { RejectedQueries, ReplayRejected } from '#application';
import { IdParameters, type Page, type ReceiptView, RejectedQuery, type RejectedView } from '#contracts';
import { Caller, SchemaPipe } from '#platform';
import { now } from '../clock.js';
import { RejectedUnknownError } from '../not-found.errors.js';

@Controller('api/v1/rejected')
export class RejectedController {
  constructor(
    @Inject(RejectedQueries) private readonly rejected: RejectedQueries,
    @Inject(ReplayRejected) private readonly replayer: ReplayRejected,
  ) {}

  @Get()
  list(@Query(new SchemaPipe(RejectedQuery)) query: RejectedQuery): Promise<Page<RejectedView>> {
    return this.rejected.list(query);
  }

  /** Recorded first, marked afterwards: what fails between the two can be replayed again, and is the same then. */
  @Post(':id/replay')
  @HttpCode(200)
  async replay(@Param(new SchemaPipe(IdParameters)) { id }: IdParameters, @Caller() by: string): Promise<ReceiptView> {
    const notification = await this.rejected.find(id);
    if (notification === null) throw new RejectedUnknownError(id);
    const receipt = await this.replayer.replay(notification, now());
    await this.rejected.markReplayed(id, by, now());
    return receipt;
  }
}
