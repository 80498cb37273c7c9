import { z } from 'zod';

/** Absent, null and empty text become null. */
const text = z
  .string()
  .nullish()
  .transform((value) => value || null);
/** Rather lost than in the way. */
const optional = text.catch(null);

/** Source: Sonatype's documentation of the repository webhook, event type "component". */
export const ComponentEvent = z.object({
  timestamp: optional,
  nodeId: optional,
  /** `<user>/<address>`. */
  initiator: optional,
  repositoryName: z.string(),
  action: z.string(),
  /** Without name and version, or not at all, where components were purged. */
  component: z.object({ id: optional, format: optional, name: text, version: text }).nullish(),
});
export type ComponentEvent = z.infer<typeof ComponentEvent>;
