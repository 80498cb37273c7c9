import { z } from 'zod';
import { paging } from './page.js';

export const RulesQuery = z.strictObject(paging(z.tuple([z.string().max(500)])));
export type RulesQuery = z.infer<typeof RulesQuery>;

export const RuleParameters = z.object({ id: z.string().max(500) });
export type RuleParameters = z.infer<typeof RuleParameters>;

export const patterns = z.array(z.string());

export const TagSelectorView = z.union([
  z.object({ matching: patterns, excluding: patterns }),
  z.object({ regex: patterns, excludingRegex: patterns, anchoring: z.enum(['search', 'full']) }),
  z.object({ all: z.literal(true), excluding: patterns }),
]);

/** In the shape of tagwarden.yaml, every default spelled out. */
export const RuleView = z.object({
  id: z.string(),
  origin: z.enum(['file', 'api']),
  name: z.string(),
  registries: patterns,
  repositories: z.object({ matching: patterns, excluding: patterns }),
  tags: TagSelectorView,
  mode: z.enum(['enforce', 'audit']),
  protect: z.array(z.enum(['overwrite', 'deletion'])),
  guard: z.boolean(),
  enabled: z.boolean(),
});
export type RuleView = z.infer<typeof RuleView>;
