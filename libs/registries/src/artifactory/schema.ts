import { z } from 'zod';
import { optional, text } from '../notification/lenient-text.js';

/** Source: JFrog's documentation of the webhook domain "docker". */
export const DockerEvent = z.object({
  domain: z.string(),
  event_type: text,
  data: z.object({
    event_type: text,
    repo_key: z.string(),
    /** `<image>/<tag>/manifest.json`, or `list.manifest.json` for an index. */
    path: optional,
    /** Without the algorithm in front. */
    sha256: optional,
    image_name: text,
    tag: text,
  }),
  subscription_key: optional,
  /** `jfrog/<account>`. */
  source: optional,
});
export type DockerEvent = z.infer<typeof DockerEvent>;

export const Domain = z.object({ domain: z.string() });

export const Catalog = z.object({ repositories: z.array(z.string()).nullish() });

export const Subscription = z.object({
  key: z.string(),
  enabled: z.boolean().catch(false),
  event_filter: z
    .object({
      domain: z.string().catch(''),
      event_types: z.array(z.string()).catch([]),
      criteria: z
        .object({ anyLocal: z.boolean().catch(false), repoKeys: z.array(z.string()).nullish().catch(null) })
        .catch({ anyLocal: false, repoKeys: null }),
    })
    .catch({ domain: '', event_types: [], criteria: { anyLocal: false, repoKeys: null } }),
  handlers: z
    .array(z.object({ url: z.string().catch(''), use_secret_for_signing: z.boolean().nullish().catch(null) }))
    .catch([]),
});
export type Subscription = z.infer<typeof Subscription>;
export const Subscriptions = z.array(Subscription);
