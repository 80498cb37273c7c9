import { type Instant, instantOf } from '#domain';

export const now = (): Instant => instantOf(Date.now());
