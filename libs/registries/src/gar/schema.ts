import { z } from 'zod';
import { optional, text } from '../notification/lenient-text.js';

/** What a push subscription posts. Source: Pub/Sub, `PubsubMessage`; older libraries write the keys with underscores. */
export const PushEnvelope = z.object({
  message: z
    .object({
      data: z.string(),
      messageId: optional,
      message_id: optional,
      publishTime: optional,
      publish_time: optional,
    })
    .transform(({ data, messageId, message_id, publishTime, publish_time }) => ({
      data,
      id: messageId ?? message_id,
      publishTime: publishTime ?? publish_time,
    })),
  subscription: optional,
});
export type PushEnvelope = z.infer<typeof PushEnvelope>;

/** What the topic `gcr` carries. Source: Artifact Registry, “Configure Pub/Sub notifications”. */
export const ImageChange = z.object({ action: z.string(), digest: text, tag: text });
export type ImageChange = z.infer<typeof ImageChange>;

/** Source: IAM, service account keys; the other keys are not needed. */
export const ServiceAccountKey = z.object({
  type: z.literal('service_account'),
  client_email: z.string().min(1),
  private_key: z.string().min(1),
  private_key_id: z.string().optional(),
  project_id: z.string().optional(),
  token_uri: z.string().default('https://oauth2.googleapis.com/token'),
});
export type ServiceAccountKey = z.infer<typeof ServiceAccountKey>;

export const AccessToken = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });

/** Source: the REST reference, `projects.locations.repositories`; `name` is `projects/p/locations/l/repositories/r`. */
export const Repositories = z.object({
  repositories: z
    .array(z.object({ name: z.string(), format: optional, mode: optional }))
    .nullish()
    .transform((list) => list ?? []),
  nextPageToken: z.string().nullish(),
});

/** `name` is `…/repositories/r/packages/<name, percent-encoded>`. */
export const Packages = z.object({
  packages: z
    .array(z.object({ name: z.string() }))
    .nullish()
    .transform((list) => list ?? []),
  nextPageToken: z.string().nullish(),
});
