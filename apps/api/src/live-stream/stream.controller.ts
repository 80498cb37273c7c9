import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { StreamQuery } from '#contracts';
import { SchemaPipe } from '#platform';
import { LiveStreams } from './live-streams.js';

@Controller('api/v1/stream')
export class StreamController {
  constructor(@Inject(LiveStreams) private readonly streams: LiveStreams) {}

  @Get()
  watch(@Query(new SchemaPipe(StreamQuery)) query: StreamQuery, @Res() response: Response): void {
    this.streams.start(response, query);
  }
}
