import { z } from 'zod';

const MAX_LIMIT = 500;
const wholeNumber = z.int({ error: `It must be a whole number from 1 to ${MAX_LIMIT}.` });

const limit = z
  .string({ error: 'Give it once.' })
  .transform(Number)
  .pipe(wholeNumber.min(1).max(MAX_LIMIT))
  .default(50)
  .meta({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, description: 'Items in a page; 50 unless told.' });

/** Where a page ended: the sort keys of its last item. Opaque to clients. */
export const encodeCursor = (keys: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(keys)).toString('base64url');

function decoded(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** What every list takes, its cursor made of these keys. */
export const paging = <T extends z.ZodType>(keys: T) => ({
  limit,
  cursor: z
    .string({ error: 'Give it once.' })
    .max(4_000)
    .transform((text, context): z.output<T> => {
      const result = keys.safeParse(decoded(text));
      if (result.success) return result.data;
      context.addIssue({
        code: 'custom',
        message: 'It is not a cursor that this list has given out; start without one.',
      });
      return z.NEVER as never;
    })
    .optional()
    .meta({ description: 'The `nextCursor` of the page before.' }),
});

/** What every list answers. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().meta({ description: 'For the next page; null on the last one.' }),
  });

export type Page<T> = { items: T[]; nextCursor: string | null };
