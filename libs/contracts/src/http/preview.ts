import { z } from 'zod';
import { RuleBody } from '../rule-definition.js';
import { paging } from './page.js';
import { time as timeField } from './query-fields.js';
import { RuleView } from './settings.js';
import { digest, RuleName, ref, time } from './view-fields.js';

const MAX_LIMIT = 500;
const limitError = `It must be a whole number from 1 to ${MAX_LIMIT}.`;
const { cursor } = paging(z.tuple([z.string().max(64), z.string().max(255), z.string().max(128)]));

export const RulePreviewBody = z.strictObject({
  rule: RuleBody,
  id: z.string().max(500).optional().meta({
    description: 'The saved rule that this one would replace: it does not count as another rule that covers the same.',
  }),
  source: z
    .enum(['record', 'registry'], { error: 'It must be record or registry.' })
    .default('record')
    .meta({ description: 'Where `covers` comes from: what is recorded, or the registries themselves, asked now.' }),
  window: z
    .strictObject({ from: timeField, to: timeField.optional() })
    .refine(({ from, to }) => to === undefined || from < to, { path: ['to'], error: 'It must lie after from.' })
    .optional()
    .meta({
      description:
        'The recorded past to replay: `from` inclusive, `to` exclusive and now unless told. Default: the last 30 days.',
    }),
  limit: z
    .int({ error: limitError })
    .min(1, limitError)
    .max(MAX_LIMIT, limitError)
    .default(50)
    .meta({ description: 'Tags on a page of `covers`.' }),
  cursor: cursor.meta({ description: 'The `covers.nextCursor` of the page before.' }),
  replay: z.boolean().default(true).meta({ description: 'false: `caught` is null. For the later pages of `covers`.' }),
  replayCursor: cursor.meta({
    description: 'The `caught.nextCursor` of the call before: goes on with the replay alone, and `covers` is null.',
  }),
});
export type RulePreviewBody = z.infer<typeof RulePreviewBody>;

/** What an answer lists at most of those that a rule would have caught. */
export const CAUGHT_LIMITS = { tags: 500, actors: 500, actorsOfTag: 10 } as const;

const Warning = z.object({
  code: z.string().meta({ description: 'Says what it is about, for programs.', examples: ['inertPattern'] }),
  path: z.string().meta({ description: 'The place in the rule; empty where it is about the whole rule.' }),
  pattern: z.string().nullable(),
  message: z.string(),
  example: z.string().nullable().meta({ description: 'A name that shows the surprise.' }),
});

const Covers = z.object({
  items: z.array(
    z.object({
      ...ref,
      digest: digest.nullable().meta({ description: 'null: the tag is gone, and its seal outlives it.' }),
      sealed: z.boolean().meta({ description: 'Whether it is sealed today, under the rules in force.' }),
      coveredBy: RuleName.nullable().meta({ description: 'The rule in force that protects it today.' }),
    }),
  ),
  nextCursor: z.string().nullable().meta({
    description: 'For the next page, which may follow one with fewer items than asked for; null on the last one.',
  }),
  problems: z
    .array(z.object({ registry: z.string(), message: z.string() }))
    .meta({ description: 'Registries that could not be listed, so that their tags, or some, are missing here.' }),
});

const Caught = z.object({
  from: time,
  to: time,
  complete: z.boolean().meta({ description: 'false: go on with `nextCursor`, and add the numbers up.' }),
  examinedTags: z.int().meta({ description: 'Recorded tags that this call looked at.' }),
  coveredTags: z.int().meta({ description: 'Those of them that the rule covers.' }),
  violations: z.int(),
  overwrites: z.int(),
  deletions: z.int(),
  uncertain: z.int().meta({
    description:
      'Those of the violations that would be none if the pushed index lists the sealed digest; what it lists is not known here.',
  }),
  waived: z.int().meta({ description: 'Changes that a waiver permitted at the time; they are no violations.' }),
  tags: z
    .array(
      z.object({
        ...ref,
        violations: z.int(),
        actors: z.array(z.string().nullable()).meta({ description: `At most ${CAUGHT_LIMITS.actorsOfTag}.` }),
        lastAt: time,
      }),
    )
    .meta({ description: `Most violations first, at most ${CAUGHT_LIMITS.tags}.` }),
  actors: z
    .array(z.object({ actor: z.string().nullable(), violations: z.int(), tags: z.int() }))
    .meta({ description: `Most violations first, at most ${CAUGHT_LIMITS.actors}; null: the registry named nobody.` }),
  truncated: z.boolean().meta({ description: 'There are more tags or actors than are listed; all are counted.' }),
  nextCursor: z.string().nullable(),
});

export const RulePreviewView = z.object({
  rule: RuleView.omit({ id: true, origin: true }).meta({ description: 'With every default spelled out.' }),
  warnings: z.array(Warning),
  covers: Covers.nullable(),
  caught: Caught.nullable(),
});
export type RulePreviewView = z.infer<typeof RulePreviewView>;
export type CoversView = z.infer<typeof Covers>;
export type CaughtView = z.infer<typeof Caught>;
