import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { PreviewRule } from '#application';
import { RulePreviewBody, type RulePreviewView } from '#contracts';
import { ChangesNothing, SchemaPipe } from '#platform';
import { now } from '../clock.js';

@Controller('api/v1/rules/preview')
export class PreviewController {
  constructor(@Inject(PreviewRule) private readonly previews: PreviewRule) {}

  @Post()
  @ChangesNothing()
  @HttpCode(200)
  preview(@Body(new SchemaPipe(RulePreviewBody)) body: RulePreviewBody): Promise<RulePreviewView> {
    return this.previews.preview(body, now());
  }
}
