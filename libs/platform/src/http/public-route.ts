import { SetMetadata } from '@nestjs/common';

export const PUBLIC = Symbol('public route');

/** Opens a route to callers without a key. Every route that does not say so is closed. */
export const Public = () => SetMetadata(PUBLIC, true);
