import { Controller, Get } from '@nestjs/common';
import { renderOpenApi } from '#contracts';
import { VERSION } from '#platform';

@Controller()
export class OpenApiController {
  private document: object | null = null;

  @Get('openapi.json')
  read(): object {
    this.document ??= renderOpenApi(VERSION);
    return this.document;
  }
}
