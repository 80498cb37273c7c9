import { z } from 'zod';

/** What a person writes for other persons. PostgreSQL's text takes neither NUL nor half of a surrogate pair. */
export const prose = z
  .string({ error: ({ input }) => (input === undefined ? 'It is required.' : 'It must be a text.') })
  .trim()
  .min(1, 'It must not be empty.')
  .max(2_000, 'It must have at most 2000 characters.')
  .overwrite((text) => text.replaceAll('\0', '\uFFFD').toWellFormed());
