import { z } from 'zod';
import { VIOLATION_STATES } from '#domain';
import { paging } from './page.js';
import { prose } from './prose.js';
import { TimeCursor, tagFilter, uuid } from './query-fields.js';
import { digest, RuleName, ref, time } from './view-fields.js';

export const ViolationsQuery = z.strictObject({
  state: z.enum(VIOLATION_STATES, { error: `It must be one of ${VIOLATION_STATES.join(', ')}.` }).optional(),
  ...tagFilter,
  incident: uuid.optional().meta({ description: 'Those that belong to this incident.' }),
  ...paging(TimeCursor),
});
export type ViolationsQuery = z.infer<typeof ViolationsQuery>;

const Restoration = z.object({
  attempt: z.int(),
  startedAt: time,
  endedAt: time.nullable(),
  outcome: z.enum(['restored', 'alreadyRight', 'failed']).nullable(),
  reason: z.string().nullable(),
  missingBlobs: z.array(digest),
});

const Pull = z.object({
  digest,
  actor: z.string().nullable(),
  occurredAt: time,
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
});
export type PullView = z.infer<typeof Pull>;

export const ViolationView = z.object({
  id: z.string(),
  kind: z.enum(['overwrite', 'deletion']),
  state: z.enum(VIOLATION_STATES),
  mode: z.enum(['enforce', 'audit']),
  ...ref,
  sealedDigest: digest,
  foundDigest: digest.nullable().meta({ description: 'null when the tag was deleted.' }),
  actor: z.string().nullable(),
  eventId: z.string().meta({ description: 'The event that showed it.' }),
  detectedAt: time,
  restoredAt: time.nullable(),
  endedAt: time.nullable().meta({ description: 'When it ceased to stand, by the record alone.' }),
  failure: z.string().nullable(),
  acknowledgedAt: time.nullable(),
  acknowledgedBy: z.string().nullable(),
  rule: RuleName,
  waiverId: z.string().nullable().meta({ description: 'The waiver that permitted it.' }),
  incident: z
    .object({ id: z.string(), members: z.int().meta({ description: 'How many violations belong to it.' }) })
    .nullable()
    .meta({ description: 'What it belongs to; null where it never stood, or arose before there were incidents.' }),
  restorations: z.array(Restoration).meta({ description: 'The last 100 attempts, oldest first.' }),
  exposure: z.object({
    seconds: z
      .number()
      .meta({ description: 'From detection until it was put right or ended, or until now; to the millisecond.' }),
    pullCount: z.int(),
    pulls: z.array(Pull).meta({
      description:
        'Who pulled the wrong digest meanwhile, newest first: at most 1000 for one violation, 100 in a list and in the stream. ' +
        'Pulls by Tagwarden itself are left out.',
    }),
  }),
});
export type ViolationView = z.infer<typeof ViolationView>;

export const AcceptBody = z.strictObject({
  reason: prose.meta({ description: 'Why the found digest is right; kept in the audit trail.' }),
});
export type AcceptBody = z.infer<typeof AcceptBody>;

export const RestoreBody = z
  .strictObject({ reason: prose.optional().meta({ description: 'Kept in the audit trail.' }) })
  .prefault({});
export type RestoreBody = z.infer<typeof RestoreBody>;

export const AcknowledgeBody = z.strictObject({ note: prose.optional() }).prefault({});
export type AcknowledgeBody = z.infer<typeof AcknowledgeBody>;
