import {
  believableTime,
  deriveId,
  findInstant,
  parseDigest,
  parseRepositoryName,
  parseTagName,
  type RegistryEvent,
} from '#domain';
import type { Notification, ParsedNotification, RejectedNotification } from '../adapter.js';
import {
  claimsOf,
  digestOfText,
  idOrHash,
  kept,
  readBody,
  rejection,
  whyInvalid,
} from '../notification/notification.js';
import { DistributionEnvelope, DistributionEvent } from './schema.js';

const MAX_EVENTS = 1000;

type Judgement = { event: RegistryEvent } | { ignored: 'pull' | 'other' } | { rejected: RejectedNotification };

export function parseNotification(notification: Notification): ParsedNotification {
  const body = readBody(notification.body);
  if ('rejected' in body) return { events: [], ignored: 0, ignoredPulls: 0, rejected: [body.rejected] };
  const envelope = DistributionEnvelope.safeParse(body.value);
  if (!envelope.success) {
    const rejected = rejection(`The body is no list of events: ${whyInvalid(envelope.error)}.`, body.value);
    return { events: [], ignored: 0, ignoredPulls: 0, rejected: [rejected] };
  }
  const { events } = envelope.data;
  const judgements = events.slice(0, MAX_EVENTS).map((event) => judge(event, notification));
  if (events.length > MAX_EVENTS) judgements.push({ rejected: tooMany(events) });
  return {
    events: judgements.flatMap((each) => ('event' in each ? [each.event] : [])),
    ignored: judgements.filter((each) => 'ignored' in each).length,
    ignoredPulls: judgements.filter((each) => 'ignored' in each && each.ignored === 'pull').length,
    rejected: judgements.flatMap((each) => ('rejected' in each ? [each.rejected] : [])),
  };
}

function tooMany(events: readonly unknown[]): RejectedNotification {
  const rest = { events: events.slice(MAX_EVENTS) };
  return rejection(`A body holds ${events.length} events; the first ${MAX_EVENTS} were taken. Replay for more.`, rest);
}

function judge(raw: unknown, notification: Notification): Judgement {
  const reject = (why: string) => ({ rejected: rejection(`An event can't be understood: ${why}`, { events: [raw] }) });
  const parsed = DistributionEvent.safeParse(raw);
  if (!parsed.success) return reject(`${whyInvalid(parsed.error)}.`);
  try {
    const action = JSON.stringify(parsed.data.action.slice(0, 40));
    return translate(parsed.data, raw, notification) ?? reject(`action ${action} is unknown or names no digest.`);
  } catch (error) {
    return reject(error instanceof Error ? error.message : 'its names are malformed.');
  }
}

/** null where it makes no sense; throws `MalformedNameError`. */
function translate(event: DistributionEvent, raw: unknown, notification: Notification): Judgement | null {
  const { action, target } = event;
  if (action === 'mount') return { ignored: 'other' };
  if (action !== 'delete' && isBlob(target)) return { ignored: action === 'pull' ? 'pull' : 'other' };
  // It transfers nothing, so nobody was exposed by it: our own looks at a tag are such.
  if (action === 'pull' && event.request?.method === 'HEAD') return { ignored: 'pull' };
  const base = baseOf(event, raw, notification);
  const tag = target.tag === null ? null : parseTagName(target.tag);
  const digest = target.digest === null ? null : parseDigest(target.digest);
  if (action === 'delete') {
    if (tag !== null) return { event: { ...base, type: 'tagDeleted', tag } };
    // A deleted blob looks the same. It is harmless: no tag is bound to a blob's digest.
    if (digest !== null) return { event: { ...base, type: 'manifestDeleted', digest } };
    return { event: { ...base, type: 'repositoryDeleted' } };
  }
  if (digest === null) return null;
  const mediaType = target.mediaType === null ? null : kept(target.mediaType, 255);
  if (action === 'push') return { event: { ...base, type: 'pushed', tag, digest, mediaType } };
  if (action === 'pull') return { event: { ...base, type: 'pulled', tag, digest, mediaType } };
  return null;
}

// The last two segments decide: a repository may itself have a component named `blobs`.
const isBlob = ({ mediaType, url, tag }: DistributionEvent['target']): boolean =>
  tag === null && (mediaType === 'application/octet-stream' || /\/blobs\/[^/]+$/.test(url ?? ''));

function baseOf(event: DistributionEvent, raw: unknown, { registry, receivedAt }: Notification) {
  const sourceId = idOrHash(event.id, () => digestOfText(JSON.stringify(raw)));
  return {
    // Retries and a second endpoint carry the same id.
    id: deriveId('event', registry, 'distribution', sourceId),
    registry,
    repository: parseRepositoryName(event.target.repository),
    actor: event.actor?.name ? kept(event.actor.name, 256) : null,
    occurredAt: believableTime(findInstant(kept(event.timestamp ?? '', 64)), receivedAt),
    receivedAt,
    source: 'distribution',
    sourceId,
    claims: claimsOf({
      userAgent: event.request?.useragent,
      address: event.request?.addr,
      requestId: event.request?.id,
      instanceId: event.source?.instanceID,
    }),
  };
}
