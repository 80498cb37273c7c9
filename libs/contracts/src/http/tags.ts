import { z } from 'zod';
import { paging } from './page.js';
import { TimeCursor, tagFilter, tagRef, time as timeParameter } from './query-fields.js';
import { digest, RuleName, ref, time } from './view-fields.js';

export const TagsQuery = z.strictObject({
  ...tagFilter,
  ...paging(z.tuple([z.string().max(64), z.string().max(255), z.string().max(128)])),
});
export type TagsQuery = z.infer<typeof TagsQuery>;

export const TAG_STATES = ['sealed', 'violated', 'open', 'absent'] as const;

export const RESTORABLE_STATES = ['manifest', 'guarded', 'guardFailed', 'pending'] as const;

export const TagView = z.object({
  ...ref,
  digest: digest.nullable().meta({ description: 'What the tag points at by the record; null when it is gone.' }),
  mediaType: z.string().nullable(),
  boundAt: time.nullable(),
  seal: z
    .object({
      digest,
      sealedAt: time,
      rule: RuleName,
      kept: z
        .boolean()
        .meta({ description: 'Whether the vault holds the sealed manifest whole, so that it can be put back.' }),
      restorable: z
        .object({ state: z.enum(RESTORABLE_STATES), provenAt: time.nullable(), reason: z.string().nullable() })
        .meta({
          description:
            '`manifest`: the manifests are kept, so a restore needs the blobs to be in the registry still. `guarded`: the guard repository ' +
            'held everything at `provenAt`, so it can be put back after a garbage collection too. `guardFailed`: it was to hold it, and ' +
            '`reason` says why that is not proven; `provenAt` is the last proof, if there was one. `pending`: not looked at yet.',
        }),
    })
    .nullable(),
  state: z.enum(TAG_STATES).meta({
    description:
      '`violated`: a violation stands that was not put right (detected, restoring, failed or audited). Otherwise `absent`: the tag is ' +
      'gone; `sealed`: it stands and is locked to its seal; `open`: it stands and no rule seals it.',
  }),
  breaker: z
    .object({ trippedAt: time })
    .nullable()
    .meta({ description: 'The tripped fight breaker: nothing is put back by itself. null where none is tripped.' }),
});
export type TagView = z.infer<typeof TagView>;

export const HistoryQuery = z.strictObject({ ...tagRef, ...paging(TimeCursor) });
export type HistoryQuery = z.infer<typeof HistoryQuery>;

export const BindingView = z.object({
  digest,
  mediaType: z.string().nullable(),
  boundAt: time,
  unboundAt: time.nullable().meta({ description: 'null while the tag still points at the digest.' }),
  actor: z.string().nullable(),
  cause: z.enum(['pushed', 'observed']),
  eventId: z.string().meta({ description: 'The event that bound it.' }),
  boundUnder: z
    .string()
    .nullable()
    .meta({ description: 'The waiver that permitted this binding where another digest was sealed.' }),
  unboundUnder: z.string().nullable().meta({ description: 'The waiver that permitted its end by deletion.' }),
});
export type BindingView = z.infer<typeof BindingView>;

export const TagAtQuery = z.strictObject({ ...tagRef, at: timeParameter.optional() });
export type TagAtQuery = z.infer<typeof TagAtQuery>;

export const ResolutionView = z.object({
  ...ref,
  digest: digest.nullable().meta({ description: 'null when the tag did not exist at that time.' }),
  mediaType: z.string().nullable(),
  at: time,
  boundAt: time.nullable(),
});
export type ResolutionView = z.infer<typeof ResolutionView>;

export const ExplanationView = z.object({
  immutable: z.boolean(),
  mode: z.enum(['enforce', 'audit']).nullable(),
  protect: z.array(z.enum(['overwrite', 'deletion'])),
  rule: RuleName.nullable(),
  selector: z
    .object({ registries: z.string(), repositories: z.string(), tags: z.string() })
    .nullable()
    .meta({ description: "The rule's patterns that match the tag, as written; null when no rule covers it." }),
  alsoBy: z
    .array(RuleName)
    .meta({ description: 'Other rules of the same mode that cover the tag: what they protect against adds up.' }),
  closest: z
    .object({
      rule: RuleName,
      selector: z.enum(['registries', 'repositories', 'tags']).nullable(),
      because: z.enum(['unmatched', 'excluded', 'spared', 'disabled']),
      pattern: z.string().nullable(),
    })
    .nullable()
    .meta({
      description:
        'When no rule covers the tag: the rule that came closest, the selector that kept it from covering the tag (null for a disabled ' +
        'rule that would), and the pattern that excludes the tag. `spared`: a signature, which a pattern has to name.',
    }),
  reason: z.string(),
  waivers: z
    .array(
      z.object({
        id: z.string(),
        until: time,
        permit: z.array(z.enum(['overwrite', 'deletion'])),
        digest: digest.nullable(),
        uses: z.int().nullable(),
      }),
    )
    .meta({ description: 'Waivers that are live for the tag at that time, used up or not.' }),
});
export type ExplanationView = z.infer<typeof ExplanationView>;
