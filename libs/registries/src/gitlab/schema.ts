import { z } from 'zod';
import { optional, text } from '../notification/lenient-text.js';

/** Distribution's event with what GitLab adds. Source: GitLab container registry `notifications`, and Rails `ContainerRegistry::Event`. */
export const GitlabEvent = z.object({
  id: optional,
  timestamp: optional,
  action: z.string(),
  target: z.object({
    mediaType: optional,
    digest: text,
    repository: z.string(),
    url: optional,
    /** The key's presence says that the event is about a tag; undefined where it is absent. */
    tag: z
      .string()
      .nullish()
      .transform((tag) => tag ?? undefined),
  }),
  request: z.object({ id: optional, addr: optional, useragent: optional }).nullish().catch(null),
  actor: z.object({ name: optional, user_type: optional }).nullish().catch(null),
  source: z.object({ instanceID: optional }).nullish().catch(null),
});
export type GitlabEvent = z.infer<typeof GitlabEvent>;

/** The body; its events are judged one by one. */
export const GitlabEnvelope = z.object({ events: z.array(z.unknown()) });

/** One page of `GET /api/v4/groups/:id/registry/repositories`. */
export const GroupRepositories = z.array(z.object({ path: z.string() }));
