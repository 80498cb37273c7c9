import { z } from 'zod';
import { paging } from './page.js';
import {
  actor,
  digest as digestParameter,
  eventType,
  TimeCursor,
  tagFilter,
  time as timeParameter,
} from './query-fields.js';
import { digest, time } from './view-fields.js';

const filter = {
  ...tagFilter,
  digest: digestParameter.optional(),
  actor: actor.optional(),
  type: eventType.optional(),
  from: timeParameter.optional(),
  to: timeParameter.optional(),
};

/** What an export takes: it streams everything that matches, so it has no pages. */
export const EventsFilter = z.strictObject(filter);
export type EventsFilter = z.infer<typeof EventsFilter>;

export const EventsQuery = z.strictObject({ ...filter, ...paging(TimeCursor) });
export type EventsQuery = z.infer<typeof EventsQuery>;

export const EventView = z.object({
  id: z.string(),
  type: z.string().meta({
    description:
      'pushed, tagDeleted, manifestDeleted, repositoryDeleted, pulled, observed, sealAccepted; and what people and the service ' +
      'did, such as restoreRequested, violationAcknowledged, notificationReplayed, restored.',
  }),
  registry: z.string().nullable(),
  repository: z.string().nullable(),
  tag: z.string().nullable(),
  digest: digest.nullable(),
  mediaType: z.string().nullable(),
  actor: z.string().nullable(),
  occurredAt: time,
  receivedAt: time,
  source: z.string(),
  sourceId: z.string(),
  claims: z.record(z.string(), z.string()).meta({ description: 'What else the source claimed. Never evidence.' }),
  detail: z.record(z.string(), z.unknown()).nullable().meta({ description: 'What only this type of event has.' }),
});
export type EventView = z.infer<typeof EventView>;
