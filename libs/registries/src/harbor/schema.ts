import { z } from 'zod';
import { optional, text } from '../notification/lenient-text.js';

const seconds = z.number().nullish().catch(null);

const Resource = z.object({ digest: text, tag: text });
export type HarborResource = z.infer<typeof Resource>;

const Repository = z.object({ name: optional, namespace: optional, repo_full_name: optional });

const Retention = z.object({
  project_name: text,
  /** `repository:tag`, the repository without its project. */
  deleted_artifact: z
    .array(z.object({ name_tag: optional }).nullable().catch(null))
    .nullish()
    .catch(null),
});

/** What both formats carry. Source: Harbor `src/pkg/notifier/model/event.go`. */
export const HarborData = z.object({
  resources: z.array(Resource).nullish(),
  repository: Repository.nullish(),
  retention: Retention.nullish(),
});
export type HarborData = z.infer<typeof HarborData>;

/** The default format; `occur_at` in seconds since the epoch. It has no id. */
export const DefaultEvent = z.object({
  type: z.string(),
  occur_at: seconds,
  operator: optional,
  event_data: z.unknown(),
});

/** CloudEvents 1.0, structured. Source: Harbor `src/pkg/notifier/formats/cloudevents.go`. */
export const CloudEvent = z.object({
  specversion: z.string(),
  type: z.string(),
  id: optional,
  source: optional,
  time: optional,
  requestid: optional,
  operator: optional,
  data: z.unknown(),
});

/** A policy as the API shows and takes it. Source: Harbor `api/v2.0/swagger.yaml`, `WebhookPolicy`. */
export const WebhookPolicy = z.object({
  id: z.int(),
  name: z.string().catch(''),
  description: z.string().nullish().catch(null),
  enabled: z.boolean().catch(false),
  event_types: z.array(z.string()).nullish().catch(null),
  targets: z
    .array(
      z.object({
        type: z.string().catch(''),
        address: z.string().catch(''),
        auth_header: z.string().nullish().catch(null),
        skip_cert_verify: z.boolean().catch(false),
        payload_format: z.string().nullish().catch(null),
      }),
    )
    .nullish()
    .catch(null),
});
export type WebhookPolicy = z.infer<typeof WebhookPolicy>;

/** null where there is nothing: the API writes empty lists so. */
export const WebhookPolicies = z.array(WebhookPolicy).nullable();

export const SupportedEvents = z.object({ event_type: z.array(z.string()) });

export const Projects = z.array(z.object({ name: z.string() })).nullable();

/** Names with their project. */
export const Repositories = z.array(z.object({ name: z.string() })).nullable();
