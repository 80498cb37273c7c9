import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import type { ApiKeys, KeyHolder } from '#application';
import { DomainError } from '#domain';
import { ADMINS_ONLY } from './admins-only.js';
import { rememberCaller } from './caller.js';
import { CHANGES_NOTHING } from './changes-nothing.js';
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

/** `ROLE_INSUFFICIENT`: the key is known, and may not do this. */
class RoleInsufficientError extends DomainError {
  constructor({ name, role }: KeyHolder, limit: string) {
    super('ROLE_INSUFFICIENT', `The key ${JSON.stringify(name)} has the role ${role}. ${limit}`);
  }
}

const MAY_ONLY_READ = 'An auditor may only read (GET, HEAD and previews). Use a key with the role operator or admin.';
const IS_FOR_ADMINS = 'Only an admin may manage keys. Use a key with the role admin.';

/** What everybody may do who may do anything. */
const READING: readonly string[] = ['GET', 'HEAD'];

/** Lets in who has a key that may do this. Closed unless a route is `@Public()`. */
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly keys: ApiKeys,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.says(PUBLIC, context)) return true;
    const request = context.switchToHttp().getRequest<Request>();
    // A missing key is looked up as well: an answer's time tells nothing.
    const holder = await this.keys.findHolder(bearerOf(request.headers.authorization));
    if (holder === null) throw new KeyRefusedError();
    if (holder.role !== 'admin' && this.says(ADMINS_ONLY, context))
      throw new RoleInsufficientError(holder, IS_FOR_ADMINS);
    const reads = READING.includes(request.method) || this.says(CHANGES_NOTHING, context);
    if (holder.role === 'auditor' && !reads) throw new RoleInsufficientError(holder, MAY_ONLY_READ);
    rememberCaller(request, holder.name);
    return true;
  }

  private says(mark: symbol, context: ExecutionContext): boolean {
    return (
      this.reflector.getAllAndOverride<boolean | undefined>(mark, [context.getHandler(), context.getClass()]) === true
    );
  }
}

const bearerOf = (authorization = ''): string => /^Bearer +(.*?) *$/i.exec(authorization)?.[1] ?? '';
