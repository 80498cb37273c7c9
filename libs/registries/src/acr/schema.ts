import { z } from 'zod';
import { optional, text } from '../notification/lenient-text.js';

/** What a webhook posts, and what Event Grid's events carry as `data`. Source: Azure's “webhook schema reference”. */
export const AcrEvent = z.object({
  id: optional,
  timestamp: optional,
  action: z.string(),
  target: z
    .object({ mediaType: optional, digest: text, repository: z.string(), tag: text })
    .nullish()
    .transform((target) => target ?? null),
  request: z.object({ id: optional, host: optional, useragent: optional }).nullish().catch(null),
});
export type AcrEvent = z.infer<typeof AcrEvent>;

/** An event of Event Grid, in its own schema (`eventType`, `eventTime`) or as CloudEvents 1.0 (`type`, `time`). */
export const GridEvent = z
  .object({
    id: optional,
    eventType: optional,
    type: optional,
    eventTime: optional,
    time: optional,
    data: z.unknown(),
  })
  .transform(({ id, eventType, type, eventTime, time, data }) => ({
    id,
    type: eventType ?? type ?? '',
    time: eventTime ?? time,
    data,
  }));
export type GridEvent = z.infer<typeof GridEvent>;

export const Validation = z.object({ validationCode: z.string().min(1).max(256) });

/** Source: Microsoft identity platform, client credentials; managed identities write the seconds as text. */
export const AccessToken = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().catch(300),
});

/** Source: ACR's `/oauth2/exchange`. */
export const RefreshToken = z.object({ refresh_token: z.string().min(1) });

/** Source: the resource manager's `Microsoft.ContainerRegistry/registries/webhooks`. */
export const Webhook = z.object({
  name: z.string(),
  location: z.string().nullish(),
  properties: z.object({
    status: z.string().nullish(),
    scope: z.string().nullish(),
    actions: z.array(z.string()).nullish(),
    provisioningState: z.string().nullish(),
  }),
});
export type Webhook = z.infer<typeof Webhook>;
export const Webhooks = z.object({ value: z.array(Webhook), nextLink: z.string().nullish() });

export const CallbackConfig = z.object({
  serviceUri: z.string(),
  customHeaders: z.record(z.string(), z.string()).nullish(),
});
export const Registry = z.object({ location: z.string() });
