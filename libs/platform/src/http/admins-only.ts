import { SetMetadata } from '@nestjs/common';

export const ADMINS_ONLY = Symbol('admins only');

/** Closes a route to every key that is not an admin's. */
export const AdminsOnly = (): MethodDecorator & ClassDecorator => SetMetadata(ADMINS_ONLY, true);
