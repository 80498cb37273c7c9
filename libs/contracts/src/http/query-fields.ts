import { z } from 'zod';
import {
  addMs,
  DomainError,
  type Instant,
  messageOf,
  parseDigest,
  parseInstant,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
} from '#domain';

const text = z.string({
  error: ({ input }) => (input === undefined ? 'It is required.' : 'Give it once, as a text.'),
});

/** A text that one of the domain's parsers takes. What the parser throws is what the person reads. */
const parsed = <T>(parse: (value: string) => T) =>
  text.transform((value, context) => {
    try {
      return parse(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
      return z.NEVER;
    }
  });

/** PostgreSQL knows no year 0, and no 30th of February: what looks like a time is brought to one that exists. */
function parseTime(value: string): Instant {
  // A "+" that was not percent-encoded arrives as a space.
  const instant = addMs(parseInstant(value.replace(/ (?=\d\d:?\d\d$)/, '+')), 0);
  if (/^(?!0000)\d{4}-/.test(instant)) return instant;
  throw new DomainError('MALFORMED_TIME', `${JSON.stringify(value)} lies outside the years 1 to 9999.`);
}

export const registry = parsed(parseRegistryName).meta({ description: "The registry's configured name." });
export const repository = parsed(parseRepositoryName).meta({
  description: 'The repository as the registry names it, e.g. `team/app`.',
});
export const tag = parsed(parseTagName).meta({ description: 'The tag, e.g. `v1.2.0`.' });
export const digest = parsed(parseDigest).meta({ description: '`sha256:…` or `sha512:…`.' });
export const time = parsed(parseTime).meta({
  description: 'An RFC 3339 time with any offset, e.g. `2026-08-20T09:14:03Z`.',
  format: 'date-time',
});
export const uuid = parsed((value) => {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) return value.toLowerCase();
  throw new DomainError('MALFORMED_ID', 'It must be a UUID, as the lists give it.');
}).meta({ format: 'uuid' });
export const actor = text.min(1).max(512).meta({ description: 'Who did it, as the registry named them.' });
export const eventType = text.regex(/^[A-Za-z]{1,64}$/, 'It must be a word of letters, such as pushed or tagDeleted.');

/** The three that name one tag. */
export const tagRef = { registry, repository, tag };
/** The same as filters. */
export const tagFilter = { registry: registry.optional(), repository: repository.optional(), tag: tag.optional() };

export const IdParameters = z.object({ id: uuid });
export type IdParameters = z.infer<typeof IdParameters>;

/** Where a list that is ordered by time ended. */
export const TimeCursor = z.tuple([time, uuid]);
export type TimeCursor = z.infer<typeof TimeCursor>;
