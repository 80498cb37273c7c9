import type { LoggerService } from '@nestjs/common';
import type { Log } from '#application';

/** Nest's own words, at the levels that they deserve here: its start-up chatter is for debugging. */
export class NestLog implements LoggerService {
  constructor(private readonly target: Log) {}

  log(message: unknown): void {
    this.target.debug(String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.target.error(String(message), rest.length > 0 ? { detail: rest.map(String).join(' ').slice(0, 2_000) } : {});
  }

  warn(message: unknown): void {
    this.target.warn(String(message));
  }

  debug(message: unknown): void {
    this.target.debug(String(message));
  }
}
