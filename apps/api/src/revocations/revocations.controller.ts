import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { Revocations } from '#application';
import {
  type Page,
  ReinstatementBody,
  RevocationBody,
  RevocationParameters,
  RevocationsQuery,
  type RevocationView,
} from '#contracts';
import { Caller, SchemaPipe } from '#platform';
import { now } from '../clock.js';

@Controller('api/v1/revocations')
export class RevocationsController {
  constructor(@Inject(Revocations) private readonly revocations: Revocations) {}

  @Get()
  list(@Query(new SchemaPipe(RevocationsQuery)) query: RevocationsQuery): Promise<Page<RevocationView>> {
    return this.revocations.list(query);
  }

  @Post()
  revoke(
    @Body(new SchemaPipe(RevocationBody)) { digest, reason }: RevocationBody,
    @Caller() by: string,
  ): Promise<RevocationView> {
    return this.revocations.revoke({ digest, reason, by, at: now() });
  }

  @Delete(':digest')
  reinstate(
    @Param(new SchemaPipe(RevocationParameters)) { digest }: RevocationParameters,
    @Body(new SchemaPipe(ReinstatementBody)) { reason }: ReinstatementBody,
    @Caller() by: string,
  ): Promise<RevocationView> {
    return this.revocations.reinstate({ digest, reason, by, at: now() });
  }
}
