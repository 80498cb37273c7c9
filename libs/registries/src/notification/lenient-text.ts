import { z } from 'zod';

/** Absent, null and empty text mean the same, null: sources differ in which they write for what is not set. */
export const text = z
  .string()
  .nullish()
  .transform((value) => value || null);

/** What we can do without is dropped where it has the wrong type; losing the event for it would be worse. */
export const optional = text.catch(null);
