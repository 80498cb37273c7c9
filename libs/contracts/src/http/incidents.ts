import { z } from 'zod';
import { VIOLATION_STATES } from '#domain';
import { paging } from './page.js';
import { registry, TimeCursor } from './query-fields.js';
import { digest, time } from './view-fields.js';

export const IncidentsQuery = z.strictObject({
  state: z
    .enum(['open', 'closed'], { error: 'It must be open or closed.' })
    .optional()
    .meta({ description: 'Open: something, or somebody, has still to put one of its violations right.' }),
  registry: registry.optional(),
  ...paging(TimeCursor),
});
export type IncidentsQuery = z.infer<typeof IncidentsQuery>;

export const IncidentView = z.object({
  id: z.string(),
  openedAt: time.meta({ description: 'When the first of its violations happened.' }),
  lastAt: time.meta({ description: 'When the last of them happened.' }),
  closedAt: time.nullable().meta({ description: 'When the last open one was closed; null while one is open.' }),
  identity: z
    .object({ registry: z.string(), actor: z.string().nullable() })
    .meta({ description: 'Whose violation opened it; `actor` is null where the registry names nobody.' }),
  isMixed: z.boolean().meta({ description: 'Others are in it too, by the digest that they put under a tag.' }),
  digests: z.array(digest).meta({ description: 'What was put under sealed tags: at most 100 of them.' }),
  members: z.int().meta({ description: 'How many violations belong to it.' }),
  states: z.partialRecord(z.enum(VIOLATION_STATES), z.int()).meta({ description: 'How many are in each state.' }),
  kinds: z.partialRecord(z.enum(['overwrite', 'deletion']), z.int()),
  registries: z.array(z.string()),
  repositories: z.int().meta({ description: 'How many repositories they are in.' }),
});
export type IncidentView = z.infer<typeof IncidentView>;

export const IncidentOutcomeView = z.object({
  incident: IncidentView,
  done: z.int().meta({ description: 'Violations for which it was done.' }),
  underWay: z.int().meta({ description: 'Acceptances on their way to the recorder, which has not come to them yet.' }),
  refused: z.array(z.object({ violationId: z.string(), code: z.string(), reason: z.string() })),
});
export type IncidentOutcomeView = z.infer<typeof IncidentOutcomeView>;
