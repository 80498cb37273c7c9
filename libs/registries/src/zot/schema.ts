import { z } from 'zod';
import { optional, text } from '../notification/lenient-text.js';

/** CloudEvents 1.0, structured; what the binary mode has in `Ce-` headers. */
export const ZotEvent = z.object({
  id: optional,
  source: optional,
  type: z.string(),
  time: optional,
  data: z.unknown(),
});
export type ZotEvent = z.infer<typeof ZotEvent>;

/** The data of the image events. Source: zot `pkg/extensions/events`. */
export const ZotImage = z.object({
  name: z.string(),
  /** A tag, or the digest where the manifest was addressed by it. */
  reference: text,
  digest: text,
  mediaType: optional,
  /** The whole raw manifest. */
  manifest: optional,
  actor: z.object({ name: optional }).nullish().catch(null),
  request: z.object({ addr: optional, useragent: optional }).nullish().catch(null),
});
export type ZotImage = z.infer<typeof ZotImage>;
