import { z } from 'zod';
import { optional, text } from '../notification/lenient-text.js';

/** The event `repo_push`. Source: Quay `notifications/__init__.py`, `notificationevent.py`. */
export const QuayPush = z.object({
  repository: text,
  namespace: optional,
  name: optional,
  /** A list, or by tag in old releases. */
  updated_tags: z.union([
    z.array(z.unknown()),
    z.record(z.string(), z.unknown()).transform((tags) => Object.keys(tags)),
  ]),
});
export type QuayPush = z.infer<typeof QuayPush>;

/** What Quay sends of builds, scans, mirrors and expiries has the address of a page, and no tags that were pushed. */
export const OtherEvent = z.object({ homepage: z.string(), updated_tags: z.undefined().optional() });

/** Source: Quay `endpoints/api/repositorynotification_models_interface.py`. */
export const QuayNotification = z.object({
  uuid: z.string(),
  event: z.string(),
  method: z.string(),
  config: z.object({ url: z.string().catch(''), template: z.unknown().optional() }).catch({ url: '' }),
  /** Muted from three on. */
  number_of_failures: z.number().nullish().catch(null),
});
export type QuayNotification = z.infer<typeof QuayNotification>;

export const QuayNotifications = z.object({ notifications: z.array(QuayNotification) });

export const RepositoryPage = z.object({
  repositories: z.array(z.object({ namespace: z.string(), name: z.string() })),
  next_page: z.string().nullish().catch(null),
});
