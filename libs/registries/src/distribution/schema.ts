import { z } from 'zod';

// Go writes '' for what is not set; version 3 writes `"digest":""` where 2.8 leaves the key out.
const text = z
  .string()
  .nullish()
  .transform((value) => value || null);
/** What we can do without is dropped where it has the wrong type; losing the event for it would be worse. */
const optional = text.catch(null);

/** One event. Source: distribution `notifications/event.go`. */
export const DistributionEvent = z.object({
  id: optional,
  timestamp: optional,
  action: z.string(),
  target: z.object({
    mediaType: optional,
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
