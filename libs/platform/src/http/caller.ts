import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

const callers = new WeakMap<Request, string>();

/** Remembered by the guard that let the request in. */
export const rememberCaller = (request: Request, name: string): void => void callers.set(request, name);

/** The name of the key that the request came with: who did it, for the audit trail. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const name = callers.get(context.switchToHttp().getRequest<Request>());
  if (name === undefined) throw new Error('This route is public, and still asks who called.');
  return name;
});
