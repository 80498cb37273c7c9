import { z } from 'zod';
import { paging } from './page.js';
import { prose } from './prose.js';
import { TimeCursor } from './query-fields.js';
import { ref, time } from './view-fields.js';

export const BreakersQuery = z.strictObject(paging(TimeCursor));
export type BreakersQuery = z.infer<typeof BreakersQuery>;

export const BreakerResetBody = z.strictObject({
  reason: prose.meta({ description: 'Why the fight is over; kept in the audit trail.' }),
});
export type BreakerResetBody = z.infer<typeof BreakerResetBody>;

export const BreakerView = z.object({
  id: z.string().meta({ description: "The tag's id." }),
  ...ref,
  trippedAt: time,
  restorations: z.int().meta({ description: 'How many there were within the window.' }),
  windowSeconds: z.number(),
  reason: z.string(),
  violationId: z.string().meta({ description: 'The violation that was not restored any more.' }),
  resetAt: time.nullable().meta({ description: 'null while it is tripped.' }),
});
export type BreakerView = z.infer<typeof BreakerView>;
