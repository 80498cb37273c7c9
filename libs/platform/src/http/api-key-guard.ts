import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import type { ApiKeys } from '#application';
import { DomainError } from '#domain';
import { rememberCaller } from './caller.js';
import { PUBLIC } from './public-route.js';

/** `KEY_REFUSED`: no key, or one that nobody knows. */
class KeyRefusedError extends DomainError {
  constructor() {
    super(
      'KEY_REFUSED',
      'This needs a key: send "Authorization: Bearer <key>". The admin key is TAGWARDEN_ADMIN_KEY, or was printed at the first start.',
    );
  }
}

/** Lets in who has a key. Closed unless a route is `@Public()`. */
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly keys: ApiKeys,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride(PUBLIC, [context.getHandler(), context.getClass()])) return true;
    const request = context.switchToHttp().getRequest<Request>();
    // A missing key is looked up as well: an answer's time tells nothing.
    const name = await this.keys.findName(bearerOf(request.headers.authorization));
    if (name === null) throw new KeyRefusedError();
    rememberCaller(request, name);
    return true;
  }
}

const bearerOf = (authorization = ''): string => /^Bearer +(.*?) *$/i.exec(authorization)?.[1] ?? '';
