import { isDigest, messageOf, parseTagName } from '#domain';
import type { Notification, ParsedNotification } from '../adapter.js';
import { type Delivered, keptForReplay, readDelivery } from '../notification/delivery-headers.js';
import { eventBase, findTime } from '../notification/event-base.js';
import { IGNORED, NOTHING, notUnderstood, readBody, whyInvalid } from '../notification/notification.js';
import { nameBelow, parseRepositoryPrefixes } from '../repository-prefixes.js';
import { ComponentEvent } from './schema.js';

const HEADERS = { delivery: ['x-nexus-webhook-delivery'], event: ['x-nexus-webhook-id'] };
const COMPONENTS = 'rm:repository:component';
const CHANGES: ReadonlySet<string> = new Set(['CREATED', 'UPDATED', 'DELETED', 'PURGED']);

export function parseNotification(notification: Notification): ParsedNotification {
  const read = readBody(notification.body);
  if ('rejected' in read) return { ...NOTHING, rejected: [read.rejected] };
  const delivered = readDelivery(notification.headers, read.value, HEADERS);
  const reject = (why: string) => notUnderstood('event', why, keptForReplay(delivered));
  // Each asset of a component comes as well where the webhook asks for assets, and audits where it is a global one.
  if (delivered.event !== null && delivered.event !== COMPONENTS) return IGNORED;
  const event = ComponentEvent.safeParse(delivered.body);
  if (!event.success) return reject(`${whyInvalid(event.error)}.`);
  const { action, component, repositoryName } = event.data;
  if (component?.format && component.format !== 'docker') return IGNORED;
  const prefixes = parseRepositoryPrefixes(notification.options?.repositories);
  if (prefixes !== null && !prefixes.has(repositoryName)) return IGNORED;
  if (!CHANGES.has(action)) return reject(`action ${JSON.stringify(action.slice(0, 40))} is unknown.`);
  if (!component?.name || !component.version) return reject(whyNameless(action, repositoryName));
  try {
    const name = nameBelow(prefixes, repositoryName, component.name) ?? component.name;
    return translate(event.data, name, component.version, delivered, notification);
  } catch (error) {
    return reject(messageOf(error));
  }
}

/** Kept rather than ignored: tags may be gone, and somebody should see that before the sweep does. */
const whyNameless = (action: string, repository: string): string =>
  action === 'PURGED'
    ? `components of ${JSON.stringify(repository.slice(0, 100))} were purged and are named by internal ids only; the next sweep finds which tags are gone.`
    : 'it names no component, or no version of it.';

/** Throws `MalformedNameError`. */
function translate(
  event: ComponentEvent,
  name: string,
  version: string,
  delivered: Delivered,
  notification: Notification,
): ParsedNotification {
  const { id, ...told } = baseOf(event, name, delivered, notification);
  const isGone = event.action === 'DELETED' || event.action === 'PURGED';
  if (isDigest(version)) {
    const manifest = { ...told, id, digest: version };
    const change = isGone
      ? ({ ...manifest, type: 'manifestDeleted' } as const)
      : ({ ...manifest, type: 'pushed', tag: null, mediaType: null } as const);
    return { ...NOTHING, events: [change] };
  }
  const tag = parseTagName(version);
  return isGone
    ? { ...NOTHING, events: [{ ...told, id, type: 'tagDeleted', tag }] }
    : { ...NOTHING, hints: [{ ...told, tag }] };
}

function baseOf(event: ComponentEvent, repository: string, { delivery, body }: Delivered, about: Notification) {
  const { user, address } = initiatorOf(event.initiator);
  return eventBase(about, {
    source: 'nexus',
    id: delivery,
    // The body has its time, so a hash of it tells two events apart.
    raw: body,
    repository,
    actor: user,
    at: findTime(event.timestamp),
    claims: { address, nodeId: event.nodeId },
  });
}

/** `ci/10.0.0.7`; tasks of the server have no address. */
function initiatorOf(initiator: string | null): { user: string | null; address: string | null } {
  const [, user = null, address = null] = /^(.*)\/([0-9A-Fa-f.:]+)$/.exec(initiator?.slice(0, 1024) ?? '') ?? [];
  const name = user ?? initiator;
  return { user: name === '' || name === 'anonymous' ? null : name, address };
}
