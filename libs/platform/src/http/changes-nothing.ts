import { SetMetadata } from '@nestjs/common';

export const CHANGES_NOTHING = Symbol('changes nothing');

/** Opens a route to auditors that is no GET and yet only reads: its question is too long for a query. */
export const ChangesNothing = (): MethodDecorator => SetMetadata(CHANGES_NOTHING, true);
