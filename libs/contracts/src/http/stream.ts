import { z } from 'zod';
import { registry, repository } from './query-fields.js';

export const StreamQuery = z.strictObject({ registry: registry.optional(), repository: repository.optional() });
export type StreamQuery = z.infer<typeof StreamQuery>;
