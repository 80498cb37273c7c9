import { type Instant, isDigest, messageOf, parseTagName } from '#domain';
import type { Notification, ParsedNotification } from '../adapter.js';
import { type Delivered, keptForReplay, readDelivery } from '../notification/delivery-headers.js';
import { eventBase, findTime } from '../notification/event-base.js';
import { IGNORED, NOTHING, notUnderstood, readBody, whyInvalid } from '../notification/notification.js';
import { PackageEvent } from './schema.js';

/** Each notification also has GitHub's and Gogs' names for the same, which are not always the same. */
const HEADERS = {
  delivery: ['x-forgejo-delivery', 'x-gitea-delivery', 'x-gogs-delivery', 'x-github-delivery'],
  event: ['x-forgejo-event', 'x-gitea-event', 'x-gogs-event', 'x-github-event'],
};

export function parseNotification(notification: Notification): ParsedNotification {
  const read = readBody(notification.body);
  if ('rejected' in read) return { ...NOTHING, rejected: [read.rejected] };
  const delivered = readDelivery(notification.headers, read.value, HEADERS);
  const reject = (why: string) => notUnderstood('event', why, keptForReplay(delivered));
  if (delivered.event !== null && delivered.event !== 'package') return IGNORED;
  const event = PackageEvent.safeParse(delivered.body);
  if (!event.success) return reject(`${whyInvalid(event.error)}.`);
  if (event.data.package.type !== 'container') return IGNORED;
  try {
    const action = JSON.stringify(event.data.action.slice(0, 40));
    return translate(event.data, delivered, notification) ?? reject(`action ${action} is unknown or names no version.`);
  } catch (error) {
    return reject(messageOf(error));
  }
}

/** null where it makes no sense; throws `MalformedNameError`. */
function translate(event: PackageEvent, delivered: Delivered, notification: Notification): ParsedNotification | null {
  const { version, created_at } = event.package;
  if (version === null || (event.action !== 'created' && event.action !== 'deleted')) return null;
  const isCreated = event.action === 'created';
  // The time of creation says nothing about when a version was deleted.
  const at = isCreated ? findTime(created_at) : null;
  const { id, ...told } = baseOf(event, at, delivered, notification);
  if (isDigest(version)) {
    const manifest = { ...told, id, digest: version };
    const change = isCreated
      ? ({ ...manifest, type: 'pushed', tag: null, mediaType: null } as const)
      : ({ ...manifest, type: 'manifestDeleted' } as const);
    return { ...NOTHING, events: [change] };
  }
  const tag = parseTagName(version);
  return isCreated
    ? { ...NOTHING, hints: [{ ...told, tag }] }
    : { ...NOTHING, events: [{ ...told, id, type: 'tagDeleted', tag }] };
}

function baseOf({ package: own, sender }: PackageEvent, at: Instant | null, delivered: Delivered, about: Notification) {
  const owner = own.owner?.login ?? own.owner?.username ?? '';
  return eventBase(about, {
    source: 'gitea',
    id: delivered.delivery,
    raw: delivered.body,
    // Owners and packages keep their capitals for show; the registry has none.
    repository: `${owner}/${own.name}`.toLowerCase(),
    actor: sender?.login ?? sender?.username,
    at,
    claims: { packageVersion: own.id?.toString() },
  });
}
