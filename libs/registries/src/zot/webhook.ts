import { createHash } from 'node:crypto';
import { type Digest, isDigest, messageOf, parseDigest, parseTagName, type RegistryEvent } from '#domain';
import type { Notification, NotificationHeaders, ParsedNotification } from '../adapter.js';
import { eventBase, findTime } from '../notification/event-base.js';
import { IGNORED, kept, NOTHING, notUnderstood, readBody, whyInvalid } from '../notification/notification.js';
import { ZotEvent, ZotImage } from './schema.js';

export function parseNotification(notification: Notification): ParsedNotification {
  const body = readBody(notification.body);
  if ('rejected' in body) return { ...NOTHING, rejected: [body.rejected] };
  const envelope = envelopeOf(notification.headers, body.value);
  // The structured form, so that what was rejected can be replayed without its headers.
  const reject = (why: string) => notUnderstood('event', why, envelope);
  const event = ZotEvent.safeParse(envelope);
  if (!event.success) return reject(`${whyInvalid(event.error)}.`);
  const change = changeOf(event.data.type);
  if (change === null) return IGNORED;
  const image = ZotImage.safeParse(event.data.data);
  if (!image.success) return reject(`${whyInvalid(image.error)}.`);
  try {
    return { ...NOTHING, events: [translate(change, event.data, image.data, notification)] };
  } catch (error) {
    return reject(messageOf(error));
  }
}

/** HTTP carries CloudEvents in binary mode (attributes in headers), NATS and our own replays in structured mode. */
function envelopeOf(headers: NotificationHeaders, value: unknown): unknown {
  const attribute = (name: string) => {
    const header = headers[`ce-${name}`];
    return typeof header === 'string' ? header : undefined;
  };
  const type = attribute('type');
  if (type === undefined) return value;
  const [id, source, time] = [attribute('id'), attribute('source'), attribute('time')];
  return { specversion: '1.0', id, source, type, time, data: value };
}

// The prefix is configurable in zot.
function changeOf(type: string): 'updated' | 'deleted' | null {
  if (/(?:^|\.)image\.updated$/.test(type)) return 'updated';
  return /(?:^|\.)image\.deleted$/.test(type) ? 'deleted' : null;
}

/** Throws `MalformedNameError`. */
function translate(
  change: 'updated' | 'deleted',
  event: ZotEvent,
  image: ZotImage,
  notification: Notification,
): RegistryEvent {
  const base = baseOf(event, image, notification);
  const reference = image.reference ?? '';
  const tag = reference === '' || isDigest(reference) ? null : parseTagName(reference);
  if (change === 'deleted' && tag !== null) return { ...base, type: 'tagDeleted', tag };
  const digest = parseDigest(image.digest ?? reference);
  if (change === 'deleted') return { ...base, type: 'manifestDeleted', digest };
  const mediaType = image.mediaType === null ? null : kept(image.mediaType, 255);
  return { ...base, type: 'pushed', tag, digest, mediaType, ...manifestOf(image, digest) };
}

/** Kept only where it is what the digest names: an overwrite makes zot forget the old one at once, so this may be the only copy. */
function manifestOf({ manifest }: ZotImage, digest: Digest): { manifest?: string } {
  if (manifest === null) return {};
  const bytes = Buffer.from(manifest, 'utf8');
  const [algorithm = 'sha256', hex] = digest.split(':');
  return createHash(algorithm).update(bytes).digest('hex') === hex ? { manifest: bytes.toString('base64') } : {};
}

function baseOf(event: ZotEvent, { name, actor, request }: ZotImage, notification: Notification) {
  return eventBase(notification, {
    source: 'zot',
    // CloudEvents: source and id together name an event.
    issuer: event.source,
    id: event.id,
    raw: event,
    repository: name,
    actor: actor?.name,
    at: findTime(event.time),
    claims: { userAgent: request?.useragent, address: request?.addr },
  });
}
