import { z } from 'zod';
import { EventView } from './events.js';
import { digest, ref, time } from './view-fields.js';
import { ViolationView } from './violations.js';

export const ExposureQuery = z.strictObject({
  download: z
    .enum(['true', 'false'], { error: 'It must be true or false.' })
    .default('false')
    .meta({ description: 'true: answered as a file, `exposure-<id>.json`.' }),
});
export type ExposureQuery = z.infer<typeof ExposureQuery>;

/** What a report holds at most. */
export const EXPOSURE_LIMITS = {
  pulls: 1_000,
  pullers: 1_000,
  /** The newest, of which pullers are made. */
  groupedPulls: 100_000,
  carriers: 1_000,
  otherChanges: 1_000,
  /** The newest, which are counted by type. */
  countedChanges: 100_000,
} as const;

const Puller = z.object({
  actor: z.string().nullable(),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
  count: z.int(),
  firstAt: time,
  lastAt: time,
});

const Carrier = z.object({
  ...ref,
  digest: digest.meta({ description: 'The found digest, or that of an index which lists it.' }),
  boundAt: time.meta({ description: 'When the tag last began to point at it.' }),
  unboundAt: time.nullable(),
  still: z.boolean().meta({ description: 'Whether the tag points at it now, as far as the record knows.' }),
  times: z.int().meta({ description: 'How often the tag was made to point at it.' }),
});

const RecordedPulls = z.object({
  count: z.int(),
  pullers: z.array(Puller).meta({
    description: `The newest ${EXPOSURE_LIMITS.groupedPulls} pulls by actor, address and user agent; most pulls first, at most ${EXPOSURE_LIMITS.pullers}.`,
  }),
  latest: z
    .array(ViolationView.shape.exposure.shape.pulls.element)
    .meta({ description: `One by one, newest first, at most ${EXPOSURE_LIMITS.pulls}.` }),
});

const Pulls = RecordedPulls.extend({
  pullsReported: z.boolean().nullable().meta({
    description:
      'Whether registries of this kind tell of pulls at all. Where it is false, an empty list says nothing; null: the registry is no longer configured.',
  }),
  note: z.string().meta({ description: 'How to read these pulls, in a sentence.' }),
});

/** What the record alone tells of a violation's exposure. */
export const RecordedExposure = z.object({
  asOf: time,
  violation: ViolationView,
  change: EventView.nullable().meta({
    description:
      'The event that showed the violation, with the credential, address and user agent that the registry claimed.',
  }),
  window: z.object({
    from: time,
    until: time.nullable().meta({ description: 'null while the wrong state stands.' }),
    seconds: z.number(),
  }),
  knownGood: z.object({ digest, mediaType: z.string().nullable() }),
  pulls: RecordedPulls,
  carriers: z.array(Carrier).meta({
    description:
      `Every tag in any registry that points or pointed at the found digest, or at a kept index that lists it: those that still do first, then the newest; at most ${EXPOSURE_LIMITS.carriers}. ` +
      'Empty for a deletion.',
  }),
  carriersTruncated: z.boolean(),
  otherChanges: z
    .object({
      actor: z.string().nullable(),
      from: time,
      to: time,
      countsByType: z.record(z.string(), z.int()).meta({
        description: `Of the newest ${EXPOSURE_LIMITS.countedChanges} changes.`,
      }),
      events: z.array(EventView).meta({ description: `Newest first, at most ${EXPOSURE_LIMITS.otherChanges}.` }),
      truncated: z.boolean().meta({ description: 'There are more than these.' }),
    })
    .meta({
      description:
        'What else the registry says that this actor pushed or deleted there, from 24 h before the change until 24 h after the end, or until now. ' +
        'Empty where the registry names no actor.',
    }),
});
export type RecordedExposure = z.infer<typeof RecordedExposure>;

export const ExposureView = RecordedExposure.extend({ pulls: Pulls });
export type ExposureView = z.infer<typeof ExposureView>;
