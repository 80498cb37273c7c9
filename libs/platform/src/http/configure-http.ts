import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Log } from '#application';
import { ProblemFilter } from './problem-filter.js';

const MAX_BODY_BYTES = 256 * 1024;
/** Not what is static: the console's files are cached by their own rules. */
const NOT_STORED = ['/api', '/hooks', '/healthz', '/readyz', '/metrics', '/openapi.json'];

/** What every HTTP server of ours has. The application is created with `bodyParser: false`: webhooks read their bodies themselves. */
export function configureHttp(app: NestExpressApplication, log: Log): void {
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(setSecurityHeaders);
  app.use(NOT_STORED, forbidStoring);
  app.use('/api', express.json({ limit: MAX_BODY_BYTES }));
  app.useGlobalFilters(new ProblemFilter(log));
}

function setSecurityHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', "frame-ancestors 'none'");
  response.setHeader('Referrer-Policy', 'no-referrer');
  next();
}

function forbidStoring(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}
