import { isDigest, messageOf, parseDigest, parseTagName } from '#domain';
import type { Notification, ParsedNotification } from '../adapter.js';
import { type Delivered, keptForReplay, readDelivery } from '../notification/delivery-headers.js';
import { eventBase, findTime } from '../notification/event-base.js';
import { IGNORED, kept, NOTHING, notUnderstood, readBody, whyInvalid } from '../notification/notification.js';
import { type Package, PackageEvent } from './schema.js';

const HEADERS = { delivery: ['x-github-delivery'], event: ['x-github-event'] };
const EVENTS: readonly (string | null)[] = ['registry_package', 'package', null];

export function parseNotification(notification: Notification): ParsedNotification {
  const read = readBody(jsonOf(notification.body));
  if ('rejected' in read) return { ...NOTHING, rejected: [read.rejected] };
  const delivered = readDelivery(notification.headers, read.value, HEADERS);
  const reject = (why: string) => notUnderstood('event', why, keptForReplay(delivered));
  // A webhook that "sends everything", and the ping of a new one.
  if (!EVENTS.includes(delivered.event)) return IGNORED;
  const event = PackageEvent.safeParse(delivered.body);
  if (!event.success) return reject(`${whyInvalid(event.error)}.`);
  const { action } = event.data;
  const container = event.data.registry_package ?? event.data.package;
  if (!container) return reject('it names no package.');
  if (!isContainer(container)) return IGNORED;
  if (action !== 'published' && action !== 'updated') {
    return reject(`action ${JSON.stringify(action.slice(0, 40))} is unknown.`);
  }
  try {
    return translate(event.data, container, delivered, notification) ?? reject('it names neither tag nor digest.');
  } catch (error) {
    return reject(messageOf(error));
  }
}

/** A webhook of content type "form" sends the JSON in its field `payload`. */
function jsonOf(body: Buffer): Buffer {
  if (body.subarray(0, 8).toString('latin1') !== 'payload=') return body;
  return Buffer.from(new URLSearchParams(body.toString('utf8')).get('payload') ?? '');
}

function isContainer({ package_type, ecosystem, package_version }: Package): boolean {
  const type = (package_type ?? ecosystem)?.toLowerCase();
  return type === undefined ? Boolean(package_version?.container_metadata) : type === 'container' || type === 'docker';
}

/** null where there is nothing to tell; throws `MalformedNameError`. */
function translate(
  { sender }: PackageEvent,
  container: Package,
  delivered: Delivered,
  notification: Notification,
): ParsedNotification | null {
  const version = container.package_version;
  const { tag: tagged, manifest } = version?.container_metadata ?? {};
  const tag = tagged?.name ? parseTagName(tagged.name) : null;
  const named = (tag === null ? null : tagged?.digest) ?? manifest?.digest ?? tagged?.digest;
  const digest = named ?? [version?.version, version?.name].find((text) => text && isDigest(text)) ?? null;
  const { id, ...told } = baseOf(container, sender?.login ?? null, delivered, notification);
  if (digest === null) return tag === null ? null : { ...NOTHING, hints: [{ ...told, tag }] };
  const mediaType = manifest?.media_type ? kept(manifest.media_type, 255) : null;
  return { ...NOTHING, events: [{ ...told, id, type: 'pushed', tag, digest: parseDigest(digest), mediaType }] };
}

function baseOf(container: Package, sender: string | null, { delivery, body }: Delivered, about: Notification) {
  const owner = container.namespace ?? container.owner?.login ?? '';
  const version = container.package_version;
  return eventBase(about, {
    source: 'ghcr',
    id: delivery,
    raw: body,
    // People and organisations have capitals in their names; the registry has none.
    repository: `${owner}/${container.name}`.toLowerCase(),
    actor: sender,
    // Not created_at: an old version that gets a tag again was created long ago.
    at: findTime(version?.updated_at),
    claims: { packageVersion: version?.id?.toString() },
  });
}
