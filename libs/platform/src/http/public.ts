import { SetMetadata } from '@nestjs/common';

export const PUBLIC = 'tagwarden:public';

/** Opens a route to callers without an API key. Everything else is closed, a route that was forgotten too. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(PUBLIC, true);
