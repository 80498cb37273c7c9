import { z } from 'zod';
import { optional, text } from '../notification/lenient-text.js';

/** One event. Source: distribution `notifications/event.go`. */
export const DistributionEvent = z.object({
  id: optional,
  timestamp: optional,
  action: z.string(),
  target: z.object({
    mediaType: optional,
    /** Version 3 writes an empty one where 2.8 leaves the key out. */
    digest: text,
    repository: z.string(),
    url: optional,
    tag: text,
  }),
  request: z.object({ id: optional, addr: optional, method: optional, useragent: optional }).nullish().catch(null),
  actor: z.object({ name: optional }).nullish().catch(null),
  source: z.object({ instanceID: optional }).nullish().catch(null),
});
export type DistributionEvent = z.infer<typeof DistributionEvent>;

/** The body; its events are judged one by one. */
export const DistributionEnvelope = z.object({ events: z.array(z.unknown()) });
