import { z } from 'zod';
import { PROTECTIONS } from '#domain';
import { selectors } from '../rule-definition.js';
import { paging } from './page.js';
import { prose } from './prose.js';
import { digest as digestField, TimeCursor, time as timeField } from './query-fields.js';
import { patterns, TagSelectorView } from './settings.js';
import { digest, time } from './view-fields.js';

/** `pending`: waits for a second person. `scheduled`: begins later. */
export const WAIVER_STATES = ['pending', 'scheduled', 'live', 'expired', 'revoked'] as const;
export type WaiverState = (typeof WAIVER_STATES)[number];

export const WaiversQuery = z.strictObject({
  state: z.enum(WAIVER_STATES, { error: `It must be one of ${WAIVER_STATES.join(', ')}.` }).optional(),
  ...paging(TimeCursor),
});
export type WaiversQuery = z.infer<typeof WaiversQuery>;

const permit = z
  .array(z.enum(PROTECTIONS, { error: `It must be one of ${PROTECTIONS.join(', ')}.` }))
  .min(1, 'Name overwrite, deletion or both.');

export const WaiverBody = z.strictObject({
  ...selectors,
  permit: permit.optional().meta({ description: 'What may be done to the tags. Default: both.' }),
  digest: digestField.optional().meta({
    description: 'Only a change to this digest is permitted, and no deletion. Default: any change.',
  }),
  uses: z
    .int({ error: 'It must be a whole number from 1 to 10000.' })
    .min(1)
    .max(10_000)
    .optional()
    .meta({ description: 'How often each tag may be changed. Default: as often as the time allows.' }),
  startsAt: timeField.optional().meta({ description: 'Default: at once.' }),
  expiresAt: timeField,
  reason: prose.meta({ description: 'Why it is permitted; kept in the audit trail.' }),
  needsApproval: z
    .boolean()
    .optional()
    .meta({ description: 'Whether a second person must approve it before it permits anything.' }),
});
export type WaiverBody = z.infer<typeof WaiverBody>;

export const WaiverReasonBody = z.strictObject({ reason: prose.optional() }).prefault({});
export type WaiverReasonBody = z.infer<typeof WaiverReasonBody>;

export const WaiverView = z.object({
  id: z.string(),
  state: z.enum(WAIVER_STATES),
  registries: patterns,
  repositories: z.object({ matching: patterns, excluding: patterns }),
  tags: TagSelectorView,
  permit: z.array(z.enum(PROTECTIONS)),
  digest: digest.nullable(),
  uses: z
    .int()
    .nullable()
    .meta({ description: 'How often each tag may be changed; null: as often as the time allows.' }),
  used: z.int().meta({ description: 'How many changes it has permitted, of all tags together.' }),
  startsAt: time,
  expiresAt: time,
  reason: z.string(),
  createdBy: z.string(),
  createdAt: time,
  needsApproval: z.boolean(),
  approvedBy: z.string().nullable(),
  approvedAt: time.nullable(),
  revokedBy: z.string().nullable(),
  revokedAt: time.nullable(),
});
export type WaiverView = z.infer<typeof WaiverView>;
