import { z } from 'zod';
import { PROTECTIONS, RULE_MODES, type TagSelectorDefinition } from '#domain';

/** PostgreSQL's JSON takes neither NUL nor half of a surrogate pair; no name has them either. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed();

const MAX_PATTERNS = 1_000;
const patterns = z
  .array(z.string().overwrite(storable))
  .max(MAX_PATTERNS, `It must have at most ${MAX_PATTERNS} patterns.`);

/** The three ways to select tags at once; which one it is, `selectorOf` finds out, and says so better than a union. */
const TagsShape = z.strictObject({
  matching: patterns.optional(),
  excluding: patterns.optional(),
  regex: patterns.optional(),
  excludingRegex: patterns.optional(),
  anchoring: z.enum(['search', 'full']).optional(),
  all: z.literal(true).optional(),
});

/** One of `matching`, `regex` and `all`, with the exclusions that go with it. */
export const TagSelectorBody = TagsShape.transform((tags, context): TagSelectorDefinition => {
  const selector = selectorOf(tags);
  if (typeof selector !== 'string') return selector;
  context.addIssue({ code: 'custom', message: selector });
  return z.NEVER;
});

function selectorOf(tags: z.output<typeof TagsShape>): TagSelectorDefinition | string {
  const { matching, excluding, regex, excludingRegex, anchoring, all } = tags;
  const ways = [matching, regex, all].filter((way) => way !== undefined).length;
  if (ways !== 1) return 'It needs exactly one of matching: […], regex: […] and all: true.';
  if (regex) {
    if (excluding) return 'With regex, exclusions are regexes as well: write excludingRegex.';
    if (anchoring) return { regex, excludingRegex, anchoring };
    return 'With regex it needs anchoring: search (found anywhere in the tag) or full (the whole tag).';
  }
  if (excludingRegex || anchoring) {
    return 'excludingRegex and anchoring belong to regex. Write excluding, or select by regex.';
  }
  return matching ? { matching, excluding } : { all: true, excluding };
}

/** What rules and waivers select by, as people write it. Patterns are not looked at here. */
export const selectors = {
  registries: patterns.optional(),
  repositories: z.strictObject({ matching: patterns.optional(), excluding: patterns.optional() }).optional(),
  tags: TagSelectorBody,
};

/** A rule as people write it, in the YAML and over the API. Patterns are not looked at here. */
export const RuleBody = z.strictObject({
  name: z
    .string({ error: ({ input }) => (input === undefined ? 'It is required.' : 'It must be a text.') })
    .trim()
    .min(1, 'It must not be empty.')
    .max(200, 'It must have at most 200 characters.')
    .overwrite(storable),
  ...selectors,
  mode: z.enum(RULE_MODES, { error: `It must be one of ${RULE_MODES.join(', ')}.` }).optional(),
  protect: z.array(z.enum(PROTECTIONS, { error: `It must be one of ${PROTECTIONS.join(', ')}.` })).optional(),
  guard: z.boolean().optional().meta({
    description:
      "Also keep what it seals in the registry's guard repository, so that it can be put back after a garbage collection. Not in audit mode.",
  }),
  enabled: z.boolean().optional(),
});
export type RuleBody = z.infer<typeof RuleBody>;
