import { z } from 'zod';
import { VIOLATION_STATES } from '#domain';
import { paging } from './page.js';
import { TimeCursor, tagFilter } from './query-fields.js';
import { digest, RuleName, ref, time } from './view-fields.js';

export const ViolationsQuery = z.strictObject({
  state: z.enum(VIOLATION_STATES, { error: `It must be one of ${VIOLATION_STATES.join(', ')}.` }).optional(),
  ...tagFilter,
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

/** PostgreSQL's text takes neither NUL nor half of a surrogate pair. */
const prose = z
  .string({ error: ({ input }) => (input === undefined ? 'It is required.' : 'It must be a text.') })
  .trim()
  .min(1, 'It must not be empty.')
  .max(2_000, 'It must have at most 2000 characters.')
  .overwrite((text) => text.replaceAll('\0', '\uFFFD').toWellFormed());

export const AcceptBody = z.strictObject({
  reason: prose.meta({ description: 'Why the found digest is right; kept in the audit trail.' }),
});
export type AcceptBody = z.infer<typeof AcceptBody>;

export const AcknowledgeBody = z.strictObject({ note: prose.optional() }).prefault({});
export type AcknowledgeBody = z.infer<typeof AcknowledgeBody>;
