import { z } from 'zod';
import {
  type Instant,
  isDigest,
  isTagName,
  parseDigest,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  type RegistryEvent,
  type TagHint,
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

const { id: _id, ...hintBase } = base;
const HintMessage = z.object({ ...hintBase, tag });

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
  /** A tag that changed, to be looked up in the registry. */
  z.object({ kind: z.literal('hint'), hint: HintMessage }),
  z.object({ kind: z.literal('rejected'), rejected: RejectedNotification }),
  /** What the fold of this tag depends on has changed: a manifest's children became known, or a rule. */
  z.object({ kind: z.literal('refold'), registry, repository, tag }),
]);

export type RecorderMessage =
  | { readonly kind: 'event'; readonly event: RegistryEvent }
  | { readonly kind: 'hint'; readonly hint: TagHint }
  | { readonly kind: 'rejected'; readonly rejected: RejectedNotification }
  | ({ readonly kind: 'refold' } & TagRef);

/** Throws what zod throws: a message that is not ours is a bad record. */
export function decodeRecorderMessage(value: Buffer): RecorderMessage {
  const json = value.toString('utf8');
  const parsed: unknown = JSON.parse(json);
  // Nearly all messages are plain events, and the schema costs more than everything else about them.
  if (isPlainEvent(parsed) && !HOLDS_UNSTORABLE.test(json)) return parsed as RecorderMessage;
  return RecorderMessage.parse(parsed) as RecorderMessage;
}

/** How `JSON.stringify` writes NUL and half surrogates; the schema replaces them. */
const HOLDS_UNSTORABLE = /\\u(?:0000|[dD][89a-fA-F])/;
const PLAIN_TYPES: ReadonlySet<unknown> = new Set(['pushed', 'pulled', 'tagDeleted', 'manifestDeleted']);
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What the schema would let pass unchanged, told faster. A spec holds the two together. */
function isPlainEvent(message: unknown): boolean {
  if (!isRecord(message) || message.kind !== 'event' || !isRecord(message.event)) return false;
  const { event } = message;
  return (
    PLAIN_TYPES.has(event.type) &&
    isText(event.id, ID) &&
    isText(event.occurredAt, INSTANT) &&
    isText(event.receivedAt, INSTANT) &&
    isRegistryName(event.registry) &&
    isRepositoryName(event.repository) &&
    isTextOrNull(event.actor) &&
    typeof event.source === 'string' &&
    typeof event.sourceId === 'string' &&
    isRecord(event.claims) &&
    Object.values(event.claims).every((claim) => typeof claim === 'string') &&
    hasParts(event)
  );
}

function hasParts(event: Record<string, unknown>): boolean {
  const hasTag = typeof event.tag === 'string' && isTagName(event.tag);
  const hasDigest = typeof event.digest === 'string' && isDigest(event.digest);
  if (event.type === 'tagDeleted') return hasTag;
  if (event.type === 'manifestDeleted') return hasDigest;
  const hasManifest = event.manifest === undefined || (event.type === 'pushed' && typeof event.manifest === 'string');
  return hasDigest && hasManifest && (hasTag || event.tag === null) && isTextOrNull(event.mediaType);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown, form: RegExp): boolean => typeof value === 'string' && form.test(value);
const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';

/** Few names make up most messages: each is parsed once in a while. */
const NAMES_REMEMBERED = 50_000;

function remembering(parse: (text: string) => string): (value: unknown) => boolean {
  const known = new Set<string>();
  return (value) => {
    if (typeof value !== 'string') return false;
    if (known.has(value)) return true;
    try {
      parse(value);
    } catch {
      return false;
    }
    if (known.size >= NAMES_REMEMBERED) known.clear();
    known.add(value);
    return true;
  };
}

const isRegistryName = remembering(parseRegistryName);
const isRepositoryName = remembering(parseRepositoryName);

/** The bus message; its key keeps a repository's events in order. */
export function encodeRecorderMessage(message: RecorderMessage): { key: string; value: Buffer } {
  return { key: keyOf(message), value: Buffer.from(JSON.stringify(message)) };
}

function keyOf(message: RecorderMessage): string {
  switch (message.kind) {
    case 'event':
      return `${message.event.registry}/${message.event.repository}`;
    case 'hint':
      return `${message.hint.registry}/${message.hint.repository}`;
    case 'rejected':
      return `${message.rejected.registry}/`;
    case 'refold':
      return `${message.registry}/${message.repository}`;
  }
}
