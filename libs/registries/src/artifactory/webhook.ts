import { type Digest, isDigest, messageOf, parseTagName, type TagHint } from '#domain';
import type { Notification, ParsedNotification } from '../adapter.js';
import { eventBase } from '../notification/event-base.js';
import { IGNORED, NOTHING, notUnderstood, readBody, whyInvalid } from '../notification/notification.js';
import { nameBelow, parseRepositoryPrefixes } from '../repository-prefixes.js';
import { DockerEvent, Domain } from './schema.js';

export function parseNotification(notification: Notification): ParsedNotification {
  const body = readBody(notification.body);
  if ('rejected' in body) return { ...NOTHING, rejected: [body.rejected] };
  const reject = (why: string) => notUnderstood('event', why, body.value);
  const { data: other } = Domain.safeParse(body.value);
  if (other && other.domain !== 'docker') return IGNORED;
  const event = DockerEvent.safeParse(body.value);
  if (!event.success) return reject(`${whyInvalid(event.error)}.`);
  try {
    return translate(event.data, body.value, notification) ?? reject('it names no tag, or its type is unknown.');
  } catch (error) {
    return reject(messageOf(error));
  }
}

/** null where it makes no sense; throws `MalformedNameError`. */
function translate(event: DockerEvent, raw: unknown, notification: Notification): ParsedNotification | null {
  const { data } = event;
  const type = data.event_type ?? event.event_type;
  const place = placeOf(data);
  if (place === null || type === null || !['pushed', 'deleted', 'promoted'].includes(type)) return null;
  const name = nameBelow(parseRepositoryPrefixes(notification.options?.repositories), data.repo_key, place.image);
  if (name === null) return IGNORED;
  const base = baseOf(event, name, raw, notification);
  const { id, ...told } = base;
  const digest = digestOf(data.sha256);
  if (isDigest(place.reference)) {
    const manifest = { ...base, digest: place.reference };
    if (type === 'deleted') return { ...NOTHING, events: [{ ...manifest, type: 'manifestDeleted' }] };
    return { ...NOTHING, events: [{ ...manifest, type: 'pushed', tag: null, mediaType: null }] };
  }
  const tag = parseTagName(place.reference);
  const hint: TagHint = { ...told, tag };
  // Which of the two repositories a promotion names is for the registry to say.
  if (type === 'promoted' || (type === 'pushed' && digest === null)) return { ...NOTHING, hints: [hint] };
  // Without ids and times, one that comes late or again cannot be told from a new one, and an overwrite is a deletion first: so the
  // registry is asked as well, and what it says comes after what the notification said.
  if (type === 'deleted') return { ...NOTHING, events: [{ ...base, type: 'tagDeleted', tag }], hints: [hint] };
  const pushed = { ...base, type: 'pushed', tag, digest: digest as Digest, mediaType: null } as const;
  return { ...NOTHING, events: [pushed], hints: [hint] };
}

/** Where a field is missing, the path has it: `<image>/<tag>/<file>`. */
function placeOf({ image_name, tag, path }: DockerEvent['data']): { image: string; reference: string } | null {
  const [, image = null, reference = null] = /^(.+)\/([^/]+)\/[^/]+$/.exec(path?.slice(0, 1024) ?? '') ?? [];
  const place = { image: image_name ?? image, reference: tag ?? reference };
  return place.image === null || place.reference === null ? null : { image: place.image, reference: place.reference };
}

function digestOf(sha256: string | null): Digest | null {
  const digest = `sha256:${(sha256 ?? '').replace(/^sha256:/, '').toLowerCase()}`;
  return isDigest(digest) ? digest : null;
}

function baseOf(event: DockerEvent, repository: string, raw: unknown, notification: Notification) {
  return eventBase(notification, {
    source: 'artifactory',
    id: null,
    // The same bytes again are a retry within the minute, and a genuine return to the same digest after it.
    raw: [notification.receivedAt.slice(0, 16), raw],
    repository,
    actor: event.source?.replace(/^jfrog\//, ''),
    at: null,
    claims: { path: event.data.path, subscription: event.subscription_key },
  });
}
