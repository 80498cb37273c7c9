import {
  believableTime,
  deriveId,
  findInstant,
  type Instant,
  parseRepositoryName,
  type RegistryEvent,
  type TagHint,
} from '#domain';
import type { Notification } from '../adapter.js';
import { claimsOf, digestOfText, idOrHash, kept } from './notification.js';

/** What a source says of an event, whatever the event is. */
export type EventFacts = {
  readonly source: string;
  /** The source's own id; null: a hash of `raw` stands for it. */
  readonly id: string | null | undefined;
  /** What `id` is unique within, where that is not the source. */
  readonly issuer?: string | null;
  readonly raw: unknown;
  readonly repository: string;
  readonly actor: string | null | undefined;
  readonly at: Instant | null;
  readonly claims: Readonly<Record<string, string | null | undefined>>;
};

/** What every event and every hint has; a hint leaves `id` out. */
export type EventBase = Pick<RegistryEvent, 'id'> & Omit<TagHint, 'tag'>;

/** Throws `MalformedNameError`. */
export function eventBase({ registry, receivedAt }: Notification, facts: EventFacts): EventBase {
  const { source, issuer, repository, actor, at, claims } = facts;
  const sourceId = idOrHash(facts.id, () => digestOfText(JSON.stringify(facts.raw)));
  return {
    id: deriveId('event', registry, source, ...(issuer === undefined ? [] : [issuer ?? '']), sourceId),
    registry,
    repository: parseRepositoryName(repository),
    actor: actor ? kept(actor, 256) : null,
    occurredAt: believableTime(at, receivedAt),
    receivedAt,
    source,
    sourceId,
    claims: claimsOf(claims),
  };
}

/** The time that a text writes; null where there is none to be read. */
export const findTime = (text: string | null | undefined): Instant | null => findInstant(kept(text ?? '', 64));
