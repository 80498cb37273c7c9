import { z } from 'zod';

/** Fields that answers have in common. */
export const time = z.string().meta({ format: 'date-time', description: 'UTC, with microseconds.' });
export const digest = z.string().meta({ examples: [`sha256:${'0'.repeat(64)}`] });
export const ref = { registry: z.string(), repository: z.string(), tag: z.string() };
export const RuleName = z.object({ id: z.string(), name: z.string() });
