import { z } from 'zod';
import { optional, text } from '../notification/lenient-text.js';

/** Source: https://docs.docker.com/docker-hub/repos/manage/webhooks/. `callback_url` is not read: nobody may call it. */
export const HubPush = z.object({
  push_data: z.object({
    tag: text,
    /** Seconds since the epoch, with a fraction at times. */
    pushed_at: z.number().nullish().catch(null),
    pusher: optional,
  }),
  repository: z.object({ repo_name: text, namespace: optional, name: optional }),
});
export type HubPush = z.infer<typeof HubPush>;

export const AccessToken = z.object({ access_token: z.string().min(1) });

const next = z.string().nullish().catch(null);

export const RepositoryPage = z.object({ next, results: z.array(z.object({ name: z.string() })) });

/** What the Hub calls a pipeline is one webhook, with one address. */
export const HubWebhook = z.object({
  name: z.string(),
  slug: z.string().nullish().catch(null),
  webhooks: z.array(z.object({ hook_url: z.string().catch('') })).catch([]),
});
export type HubWebhook = z.infer<typeof HubWebhook>;

export const WebhookPage = z.object({ next, results: z.array(HubWebhook) });
