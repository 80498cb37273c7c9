import { z } from 'zod';
import { paging } from './page.js';
import { prose } from './prose.js';
import { digest as digestField, time as timeField } from './query-fields.js';
import { digest, time } from './view-fields.js';

export const RevocationsQuery = z.strictObject(paging(z.tuple([timeField, digestField])));
export type RevocationsQuery = z.infer<typeof RevocationsQuery>;

export const RevocationParameters = z.object({ digest: digestField });
export type RevocationParameters = z.infer<typeof RevocationParameters>;

export const RevocationBody = z.strictObject({
  digest: digestField,
  reason: prose.meta({
    description: 'What is wrong with it; shown wherever it is refused, and kept in the audit trail.',
  }),
});
export type RevocationBody = z.infer<typeof RevocationBody>;

export const ReinstatementBody = z.strictObject({
  reason: prose.meta({ description: 'Why it may be put back again; kept in the audit trail.' }),
});
export type ReinstatementBody = z.infer<typeof ReinstatementBody>;

export const RevocationView = z.object({
  digest,
  reason: z.string(),
  revokedBy: z.string(),
  revokedAt: time,
});
export type RevocationView = z.infer<typeof RevocationView>;
