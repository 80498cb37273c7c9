import type { Handshake } from '#application';
import { messageOf, parseDigest, parseTagName, type RegistryEvent, type TagHint } from '#domain';
import type { Notification, ParsedNotification } from '../adapter.js';
import { eventBase, findTime } from '../notification/event-base.js';
import {
  IGNORED,
  kept,
  NOTHING,
  notUnderstood,
  readBody,
  rejection,
  whyInvalid,
} from '../notification/notification.js';
import { findRegistryHost } from './registry-host.js';
import { EventBridgeEvent, ImageAction, type SnsMessage } from './schema.js';
import { findPinnedUrl, findSnsMessage } from './sns.js';

export function parseNotification(notification: Notification): ParsedNotification {
  const body = readBody(notification.body);
  if ('rejected' in body) return { ...NOTHING, rejected: [body.rejected] };
  const message = findSnsMessage(body.value);
  return message === null ? parseEvent(body.value, notification) : parseMessage(message, notification);
}

function parseMessage(message: SnsMessage, notification: Notification): ParsedNotification {
  const reject = (why: string) => ({ ...NOTHING, rejected: [rejection(why, message)] });
  switch (message.Type) {
    case 'Notification': {
      const event = readBody(Buffer.from(message.Message));
      return 'rejected' in event ? { ...NOTHING, rejected: [event.rejected] } : parseEvent(event.value, notification);
    }
    case 'SubscriptionConfirmation': {
      const handshake = findConfirmation(message);
      return handshake === null
        ? reject('The confirmation names no address of SNS that could be visited.')
        : { ...NOTHING, handshake };
    }
    case 'UnsubscribeConfirmation':
      // Whoever wanted it so: people should see that nothing will come any more.
      return reject('The topic has unsubscribed this webhook: subscribe it again if nobody meant that.');
  }
}

function findConfirmation({ SubscribeURL, TopicArn }: SnsMessage): Handshake | null {
  const url = findPinnedUrl(SubscribeURL ?? '', TopicArn);
  return url?.searchParams.get('Action') === 'ConfirmSubscription' ? { type: 'visit', url } : null;
}

function parseEvent(value: unknown, notification: Notification): ParsedNotification {
  const reject = (why: string) => notUnderstood('event', why, value);
  const event = EventBridgeEvent.safeParse(value);
  if (!event.success) return reject(`${whyInvalid(event.error)}.`);
  if (!ACTIONS.has(event.data['detail-type']) || !isOfRegistry(event.data, notification)) {
    return IGNORED;
  }
  const action = ImageAction.safeParse(event.data.detail);
  if (!action.success) return reject(`${whyInvalid(action.error)}.`);
  const change = changeOf(event.data['detail-type'], action.data);
  if (change === null) return IGNORED;
  try {
    const told = translate(change, event.data, action.data, notification);
    return 'type' in told ? { ...NOTHING, events: [told] } : { ...NOTHING, hints: [told] };
  } catch (error) {
    return reject(messageOf(error));
  }
}

/** What moves tags. A bus may carry other accounts' and regions' events, too: the same names there are other repositories. */
const ACTIONS: ReadonlySet<string> = new Set([
  'ECR Image Action',
  'ECR Replication Action',
  'ECR Pull Through Cache Action',
]);

function isOfRegistry({ account, region }: EventBridgeEvent, { url, options = {} }: Notification): boolean {
  const host = findRegistryHost(url);
  const expected = { account: options.account ?? host?.account, region: options.region ?? host?.region };
  const differs = (given: string | null, wanted: string | undefined) =>
    given !== null && wanted !== undefined && given !== wanted;
  return !differs(account, expected.account) && !differs(region, expected.region);
}

type Change = 'pushed' | 'deleted';

/** null for what was tried and did not happen, and for actions that move no tag. */
function changeOf(detailType: string, action: ImageAction): Change | null {
  const outcome = action.result ?? action['sync-status'];
  if (outcome !== null && outcome.toUpperCase() !== 'SUCCESS') return null;
  // A cache has filled a tag from upstream; its notification has no action.
  if (detailType === 'ECR Pull Through Cache Action') return 'pushed';
  switch (action['action-type']?.toUpperCase()) {
    case 'PUSH':
    case 'REPLICATE':
      return 'pushed';
    case 'DELETE':
      return 'deleted';
    default:
      return null;
  }
}

/** Throws `MalformedNameError`. */
function translate(
  change: Change,
  event: EventBridgeEvent,
  action: ImageAction,
  notification: Notification,
): RegistryEvent | TagHint {
  const { id, ...about } = baseOf(event, action, notification);
  const base = { id, ...about };
  const tag = action['image-tag'] === null ? null : parseTagName(action['image-tag']);
  // The image may have other tags still, whatever digest stands beside the tag.
  if (change === 'deleted' && tag !== null) return { ...base, type: 'tagDeleted', tag };
  if (change === 'pushed' && tag !== null && action['image-digest'] === null) return { ...about, tag };
  const digest = parseDigest(action['image-digest'] ?? '');
  if (change === 'deleted') return { ...base, type: 'manifestDeleted', digest };
  const mediaType = action['manifest-media-type'];
  return { ...base, type: 'pushed', tag, digest, mediaType: mediaType === null ? null : kept(mediaType, 255) };
}

function baseOf(event: EventBridgeEvent, action: ImageAction, notification: Notification) {
  const { id, time, account, region } = event;
  return eventBase(notification, {
    source: 'ecr',
    id,
    raw: event,
    repository: action['repository-name'],
    actor: null,
    at: findTime(time),
    claims: { account, region },
  });
}
