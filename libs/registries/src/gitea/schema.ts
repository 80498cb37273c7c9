import { z } from 'zod';
import { optional, text } from '../notification/lenient-text.js';

const User = z.object({ login: optional, username: optional }).nullish().catch(null);

/** Source: Gitea `modules/structs` (`PackagePayload`). */
export const PackageEvent = z.object({
  action: z.string(),
  package: z.object({
    id: z.number().nullish().catch(null),
    owner: User,
    type: z.string(),
    name: z.string(),
    /** The tag, or the digest of a manifest without one. */
    version: text,
    created_at: optional,
  }),
  sender: User,
});
export type PackageEvent = z.infer<typeof PackageEvent>;

export const Account = z.object({ login: z.string() });

export const Webhook = z.object({
  id: z.number(),
  active: z.boolean().catch(false),
  events: z.array(z.string()).catch([]),
  config: z
    .object({ url: z.string().catch(''), content_type: z.string().catch('') })
    .catch({ url: '', content_type: '' }),
});
export type Webhook = z.infer<typeof Webhook>;
export const Webhooks = z.array(Webhook);
