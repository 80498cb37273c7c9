import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { FightBreakers } from '#application';
import { BreakerResetBody, BreakersQuery, type BreakerView, IdParameters, type Page } from '#contracts';
import { Caller, SchemaPipe } from '#platform';
import { now } from '../clock.js';

@Controller('api/v1/breakers')
export class BreakersController {
  constructor(@Inject(FightBreakers) private readonly breakers: FightBreakers) {}

  @Get()
  list(@Query(new SchemaPipe(BreakersQuery)) query: BreakersQuery): Promise<Page<BreakerView>> {
    return this.breakers.list(query);
  }

  @Post(':id/reset')
  @HttpCode(200)
  reset(
    @Param(new SchemaPipe(IdParameters)) { id }: IdParameters,
    @Body(new SchemaPipe(BreakerResetBody)) { reason }: BreakerResetBody,
    @Caller() by: string,
  ): Promise<BreakerView> {
    return this.breakers.reset(id, { reason, by, at: now() });
  }
}
