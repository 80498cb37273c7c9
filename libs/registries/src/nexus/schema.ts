import { z } from 'zod';
import { optional, text } from '../notification/lenient-text.js';

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
