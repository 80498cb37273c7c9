import { hash } from 'node:crypto';
import type { Instant } from './instant.js';
import type { Digest, RegistryName, RepositoryName, TagName } from './names.js';

/** A UUID. Ids are derived from what they name, so that the same notification sent twice has the same id. */
export type EventId = string & { readonly __brand: 'EventId' };

type EventBase = {
  readonly id: EventId;
  readonly registry: RegistryName;
  readonly repository: RepositoryName;
  /** Who did it, as the registry claims; null where it does not say. */
  readonly actor: string | null;
  /** When it happened, clamped to what can be believed. */
  readonly occurredAt: Instant;
  readonly receivedAt: Instant;
  /** What told us: the registry's kind (`distribution`, `zot`), `sweep`, `api`, `enforcer`. */
  readonly source: string;
  /** The source's own id of the event, or a hash of its body where it has none. */
  readonly sourceId: string;
  /** What else the source claimed: `userAgent`, `address`, `requestId`. Never evidence, never a secret. */
  readonly claims: Readonly<Record<string, string>>;
};

/** A manifest was put, under a tag or (tag null) by digest. */
export type Pushed = EventBase & {
  readonly type: 'pushed';
  readonly tag: TagName | null;
  readonly digest: Digest;
  readonly mediaType: string | null;
  /** The manifest's raw bytes in base64, where the notification carries them (zot). */
  readonly manifest?: string;
};
export type TagDeleted = EventBase & { readonly type: 'tagDeleted'; readonly tag: TagName };
export type ManifestDeleted = EventBase & { readonly type: 'manifestDeleted'; readonly digest: Digest };
export type RepositoryDeleted = EventBase & { readonly type: 'repositoryDeleted' };
export type Pulled = EventBase & {
  readonly type: 'pulled';
  readonly tag: TagName | null;
  readonly digest: Digest;
  readonly mediaType: string | null;
};
/** The registry itself was asked: what the tag points at now; digest null where the tag is absent. */
export type Observed = EventBase & {
  readonly type: 'observed';
  readonly tag: TagName;
  readonly digest: Digest | null;
  readonly mediaType: string | null;
};
/** A person made the found digest the tag's new seal. */
export type SealAccepted = EventBase & {
  readonly type: 'sealAccepted';
  readonly tag: TagName;
  readonly digest: Digest | null;
  readonly mediaType: string | null;
  readonly violationId: string;
  readonly reason: string;
};

/** A source told that a tag has changed, but not to what: the registry must be asked. */
export type TagHint = Omit<EventBase, 'id'> & { readonly tag: TagName };

/** One normalised notification. */
export type RegistryEvent =
  | Pushed
  | TagDeleted
  | ManifestDeleted
  | RepositoryDeleted
  | Pulled
  | Observed
  | SealAccepted;
/** The events that the timeline of a tag is folded from. */
export type TimelineEvent = Exclude<RegistryEvent, Pulled>;

/** A UUID (version 8, RFC 9562) from the SHA-256 of the parts. */
export function deriveId(...parts: readonly string[]): EventId {
  const hex = hash('sha256', parts.map((part) => `${part.length}:${part}`).join(''), 'hex');
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}` as EventId;
}

/** Order of a timeline: by time, then by id, so that every reader puts the same events in the same order. */
export type Position = { readonly occurredAt: Instant; readonly id: EventId };

export function comparePositions(a: Position, b: Position): number {
  if (a.occurredAt !== b.occurredAt) return a.occurredAt < b.occurredAt ? -1 : 1;
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return 0;
}

const INDEX_MEDIA_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);

/** Whether a manifest of this media type lists other manifests. */
export const isIndexMediaType = (mediaType: string): boolean => INDEX_MEDIA_TYPES.has(mediaType);
