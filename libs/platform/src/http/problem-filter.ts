import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Log } from '#application';
import { messageOf } from '#domain';
import { problemOf } from './problem-of.js';

const RETRY_AFTER_SECONDS = '5';

/** Answers everything that is thrown as an RFC 9457 problem. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const problem = problemOf(thrown);
    this.tell(thrown, problem, request);
    // Half an answer cannot be taken back; breaking off says that it is not whole.
    if (response.headersSent) return void response.destroy();
    if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="tagwarden"');
    if (problem.status === 503) response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }

  /** Paths without their query: a webhook's may hold its token. */
  private tell(thrown: unknown, { status, errorId }: ReturnType<typeof problemOf>, { method, path }: Request): void {
    if (status < 500) return;
    const fields = { method, path, error: messageOf(thrown) };
    if (errorId === undefined) {
      this.log.warn(`${method} ${path} was answered with ${status}: ${messageOf(thrown)}`, fields);
    } else {
      const stack = thrown instanceof Error ? thrown.stack : undefined;
      this.log.error(`${method} ${path} failed unexpectedly: ${messageOf(thrown)}`, { ...fields, errorId, stack });
    }
  }
}
