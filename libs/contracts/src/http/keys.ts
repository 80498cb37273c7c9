import { z } from 'zod';
import { paging } from './page.js';
import { time } from './view-fields.js';

/** From the one that may do most to the one that may do least. */
export const KEY_ROLES = ['admin', 'operator', 'auditor'] as const;
export type KeyRole = (typeof KEY_ROLES)[number];

const OWN_DEEDS = 'tagwarden';

/** A path cannot end in "." or "..", and the audit trail calls the service itself "tagwarden". */
const KeyName = z
  .string({ error: ({ input }) => (input === undefined ? 'It is required.' : 'It must be a text.') })
  .regex(/^(?!\.{1,2}$)[A-Za-z0-9._@-]{1,64}$/, 'It must be 1 to 64 letters, digits, ".", "_", "@" or "-".')
  .refine((name) => name.toLowerCase() !== OWN_DEEDS, 'The audit trail calls the service itself so; take another name.')
  .meta({ description: 'Who the audit trail says did it.', examples: ['lisa@example.com', 'ci'] });

export const KeysQuery = z.strictObject(paging(z.tuple([z.string().max(64)])));
export type KeysQuery = z.infer<typeof KeysQuery>;

export const KeyParameters = z.object({ name: KeyName });
export type KeyParameters = z.infer<typeof KeyParameters>;

const role = z.enum(KEY_ROLES, { error: `It must be one of ${KEY_ROLES.join(', ')}.` }).meta({
  description: '`auditor` only reads; `operator` does everything but managing keys; `admin` does everything.',
});

export const NewKeyBody = z.strictObject({ name: KeyName, role: role.default('operator') });
export type NewKeyBody = z.infer<typeof NewKeyBody>;

/** Never with the key, nor with its hash. */
export const KeyView = z.object({
  name: z.string(),
  role,
  origin: z.enum(['configuration', 'firstStart', 'api']).meta({
    description:
      '`configuration`: TAGWARDEN_ADMIN_KEY or `adminKey`; `firstStart`: the admin key that was generated and printed then.',
  }),
  createdAt: time.nullable().meta({ description: 'null for the configured key.' }),
  createdBy: z
    .string()
    .nullable()
    .meta({ description: "The name of the creator's key; null where no person made it." }),
});
export type KeyView = z.infer<typeof KeyView>;

export const CreatedKeyView = KeyView.extend({
  key: z.string().meta({ description: 'The key itself. It is stored as a hash and never shown again.' }),
});
export type CreatedKeyView = z.infer<typeof CreatedKeyView>;
