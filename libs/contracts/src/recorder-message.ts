import { z } from 'zod';
import {
  type Instant,
  parseDigest,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  type RegistryEvent,
  type TagRef,
} from '#domain';

const digest = z.string().transform(parseDigest);
const tag = z.string().transform(parseTagName);
const repository = z.string().transform(parseRepositoryName);
const registry = z.string().transform(parseRegistryName);
const instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  .transform((text) => text as Instant);
const id = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

/** PostgreSQL's text takes neither NUL nor half of a surrogate pair; a sender may send both. */
const text = z.string().transform((value) => value.replaceAll('\u0000', '\uFFFD').toWellFormed());

const base = {
  id,
  registry,
  repository,
  actor: text.nullable(),
  occurredAt: instant,
  receivedAt: instant,
  source: text,
  sourceId: text,
  claims: z.record(text, text),
};
const mediaType = text.nullable();

const EventMessage = z.discriminatedUnion('type', [
  z.object({
    ...base,
    type: z.literal('pushed'),
    tag: tag.nullable(),
    digest,
    mediaType,
    manifest: z.string().optional(),
  }),
  z.object({ ...base, type: z.literal('tagDeleted'), tag }),
  z.object({ ...base, type: z.literal('manifestDeleted'), digest }),
  z.object({ ...base, type: z.literal('repositoryDeleted') }),
  z.object({ ...base, type: z.literal('pulled'), tag: tag.nullable(), digest, mediaType }),
  z.object({ ...base, type: z.literal('observed'), tag, digest: digest.nullable(), mediaType }),
  z.object({
    ...base,
    type: z.literal('sealAccepted'),
    tag,
    digest: digest.nullable(),
    mediaType,
    violationId: z.string(),
    reason: text,
  }),
]);

/** A notification that its sender was allowed to send and that could not be understood. */
export const RejectedNotification = z.object({
  id,
  registry,
  receivedAt: instant,
  /** A sentence: what could not be understood. */
  reason: text,
  contentType: text.nullable(),
  /** The body as it came, in base64. */
  payload: z.string(),
});
export type RejectedNotification = z.infer<typeof RejectedNotification>;

/** A message of the topic `tagwarden.registry-events`: something to record, or a tag to fold anew. */
export const RecorderMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('event'), event: EventMessage }),
  z.object({ kind: z.literal('rejected'), rejected: RejectedNotification }),
  /** What the fold of this tag depends on has changed: a manifest's children became known, or a rule. */
  z.object({ kind: z.literal('refold'), registry, repository, tag }),
]);

export type RecorderMessage =
  | { readonly kind: 'event'; readonly event: RegistryEvent }
  | { readonly kind: 'rejected'; readonly rejected: RejectedNotification }
  | ({ readonly kind: 'refold' } & TagRef);

/** Throws what zod throws: a message that is not ours is a bad record. */
export function decodeRecorderMessage(value: Buffer): RecorderMessage {
  return RecorderMessage.parse(JSON.parse(value.toString('utf8'))) as RecorderMessage;
}

/** The bus message; its key keeps a repository's events in order. */
export function encodeRecorderMessage(message: RecorderMessage): { key: string; value: Buffer } {
  return { key: keyOf(message), value: Buffer.from(JSON.stringify(message)) };
}

function keyOf(message: RecorderMessage): string {
  switch (message.kind) {
    case 'event':
      return `${message.event.registry}/${message.event.repository}`;
    case 'rejected':
      return `${message.rejected.registry}/`;
    case 'refold':
      return `${message.registry}/${message.repository}`;
  }
}
