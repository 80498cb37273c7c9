import { z } from 'zod';
import { optional, text } from '../notification/lenient-text.js';

/** What EventBridge wraps around an event of any service. */
export const EventBridgeEvent = z.object({
  id: optional,
  'detail-type': z.string(),
  source: optional,
  account: optional,
  time: optional,
  region: optional,
  detail: z.unknown(),
});
export type EventBridgeEvent = z.infer<typeof EventBridgeEvent>;

/** The detail of “ECR Image Action”, “ECR Replication Action” and “ECR Pull Through Cache Action”. Source: ECR's user guide. */
export const ImageAction = z.object({
  'action-type': optional,
  result: optional,
  'sync-status': optional,
  'repository-name': z.string(),
  'image-digest': text,
  /** Empty for a push without a tag. */
  'image-tag': text,
  'manifest-media-type': optional,
});
export type ImageAction = z.infer<typeof ImageAction>;

/** What SNS posts, as `text/plain`. Source: SNS's developer guide, “Parsing message formats”. */
export const SnsMessage = z.object({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  MessageId: z.string(),
  TopicArn: z.string(),
  Subject: z.string().nullish(),
  Message: z.string(),
  Timestamp: z.string(),
  SignatureVersion: z.string(),
  Signature: z.string(),
  SigningCertURL: z.string(),
  SubscribeURL: z.string().nullish(),
  Token: z.string().nullish(),
});
export type SnsMessage = z.infer<typeof SnsMessage>;

/** Source: the API's `GetAuthorizationToken`. */
export const AuthorizationToken = z.object({
  authorizationData: z
    .array(z.object({ authorizationToken: z.string().min(1), expiresAt: z.number().positive() }))
    .min(1),
});

/** Source: the API's `DescribeRepositories`. */
export const Repositories = z.object({
  repositories: z.array(z.object({ repositoryName: z.string() })).nullish(),
  nextToken: z.string().nullish(),
});

export type Repositories = z.infer<typeof Repositories>;

/** Source: the API's `BatchGetImage`. */
export const Images = z.object({
  images: z
    .array(z.object({ imageManifest: z.string(), imageManifestMediaType: z.string().nullish() }))
    .nullish()
    .transform((images) => images ?? []),
});
