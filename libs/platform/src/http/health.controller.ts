import { Controller, Get, Inject } from '@nestjs/common';
import type { HealthView } from '#contracts';
import { Public } from './public-route.js';
import { Readiness } from './readiness.js';

@Controller()
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  @Public()
  @Get('healthz')
  health(): HealthView {
    return { status: 'ok' };
  }

  @Public()
  @Get('readyz')
  async ready(): Promise<HealthView> {
    await this.readiness.check();
    return { status: 'ok' };
  }
}
