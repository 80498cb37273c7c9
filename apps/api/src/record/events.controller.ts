import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { EventQueries } from '#application';
import { EventsFilter, EventsQuery } from '#contracts';
import { DomainError } from '#domain';
import { SchemaPipe } from '#platform';
import { EXPORT_TYPES, type ExportType, exportEvents } from './export-events.js';

const JSON_TYPE = 'application/json';
const asPage = new SchemaPipe(EventsQuery);
const asExport = new SchemaPipe(EventsFilter);

/** `NOT_ACCEPTABLE`: the client takes nothing that the audit trail comes in. */
class NotAcceptableError extends DomainError {
  constructor() {
    super(
      'NOT_ACCEPTABLE',
      `Events come as ${[JSON_TYPE, ...EXPORT_TYPES].join(', ')}. Ask for one of them in Accept.`,
    );
  }
}

@Controller('api/v1/events')
export class EventsController {
  constructor(@Inject(EventQueries) private readonly events: EventQueries) {}

  @Get()
  async list(@Query() query: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    response.vary('Accept');
    const type = request.accepts([JSON_TYPE, ...EXPORT_TYPES]);
    if (type === false) throw new NotAcceptableError();
    if (type === JSON_TYPE) response.json(await this.events.list(asPage.transform(query)));
    else await exportEvents(this.events, asExport.transform(query), type as ExportType, response);
  }
}
