import { messageOf, type RegistryEvent } from '#domain';
import type { Notification, ParsedNotification } from '../adapter.js';
import { eventBase, findTime } from '../notification/event-base.js';
import { IGNORED, NOTHING, notUnderstood, readBody, whyInvalid } from '../notification/notification.js';
import { parseDigestReference, parseTagReference } from './image-reference.js';
import { registryHostOf } from './registry-host.js';
import { ImageChange, PushEnvelope } from './schema.js';

export function parseNotification(notification: Notification): ParsedNotification {
  const body = readBody(notification.body);
  if ('rejected' in body) return { ...NOTHING, rejected: [body.rejected] };
  // The whole envelope, so that what was rejected can be replayed under its id.
  const reject = (why: string) => notUnderstood('message', why, body.value);
  const envelope = PushEnvelope.safeParse(body.value);
  if (!envelope.success) return reject(`${whyInvalid(envelope.error)}.`);
  const data = readBody(Buffer.from(envelope.data.message.data, 'base64'));
  if ('rejected' in data) return reject('its data is not JSON in base64.');
  const change = ImageChange.safeParse(data.value);
  if (!change.success) return reject(`${whyInvalid(change.error)}.`);
  try {
    return translate(change.data, envelope.data, notification) ?? reject(unknownAction(change.data));
  } catch (error) {
    return reject(messageOf(error));
  }
}

const unknownAction = ({ action }: ImageChange): string =>
  `action ${JSON.stringify(action.slice(0, 40))} is unknown, or names neither digest nor tag.`;

/** null where it makes no sense; throws `MalformedNameError`. */
function translate(change: ImageChange, envelope: PushEnvelope, notification: Notification): ParsedNotification | null {
  const digest = change.digest === null ? null : parseDigestReference(change.digest);
  const tag = change.tag === null ? null : parseTagReference(change.tag);
  const named = digest ?? tag;
  if (named === null || (tag !== null && tag.repository !== named.repository)) return null;
  // One topic carries what happens in all of a project's locations.
  const host = registryHostOf(notification);
  if (host !== null && named.host !== host) return IGNORED;
  const { id, ...base } = baseOf(envelope, named.repository, notification);
  const event = (told: RegistryEvent) => ({ ...NOTHING, events: [told] });
  switch (change.action) {
    case 'INSERT': {
      if (digest === null) return tag === null ? null : { ...NOTHING, hints: [{ ...base, tag: tag.of }] };
      return event({ id, ...base, type: 'pushed', tag: tag?.of ?? null, digest: digest.of, mediaType: null });
    }
    case 'DELETE': {
      if (tag !== null) return event({ id, ...base, type: 'tagDeleted', tag: tag.of });
      return digest === null ? null : event({ id, ...base, type: 'manifestDeleted', digest: digest.of });
    }
    default:
      return null;
  }
}

function baseOf({ message, subscription }: PushEnvelope, repository: string, notification: Notification) {
  return eventBase(notification, {
    source: 'gar',
    id: message.id,
    raw: message,
    repository,
    actor: null,
    at: findTime(message.publishTime),
    claims: { subscription },
  });
}
