import { messageOf, parseDigest, parseTagName, type RegistryEvent } from '#domain';
import type { Notification, ParsedNotification, RejectedNotification } from '../adapter.js';
import { eventBase, findTime } from '../notification/event-base.js';
import { kept, readBody, rejection, whyInvalid } from '../notification/notification.js';
import { GitlabEnvelope, GitlabEvent } from './schema.js';

const MAX_EVENTS = 1000;

type Judgement =
  | { readonly type: 'event'; readonly event: RegistryEvent }
  | { readonly type: 'ignored'; readonly isPull: boolean }
  | { readonly type: 'senseless'; readonly why: string };

export function parseNotification(notification: Notification): ParsedNotification {
  const body = readBody(notification.body);
  if ('rejected' in body) return collect([], [body.rejected]);
  const envelope = GitlabEnvelope.safeParse(body.value);
  if (!envelope.success) {
    const why = `The body is no list of events: ${whyInvalid(envelope.error)}.`;
    return collect([], [rejection(why, body.value)]);
  }
  const { events } = envelope.data;
  const judged = events.slice(0, MAX_EVENTS).map((raw) => ({ raw, judgement: judge(raw, notification) }));
  const rejected = judged.flatMap(({ raw, judgement }) =>
    judgement.type === 'senseless'
      ? [rejection(`An event can't be understood: ${judgement.why}`, { events: [withoutUser(raw)] })]
      : [],
  );
  const judgements = judged.map(({ judgement }) => judgement);
  return collect(judgements, events.length > MAX_EVENTS ? [...rejected, tooMany(events)] : rejected);
}

function collect(judgements: readonly Judgement[], rejected: readonly RejectedNotification[]): ParsedNotification {
  const ignored = judgements.filter((each) => each.type === 'ignored');
  return {
    events: judgements.flatMap((each) => (each.type === 'event' ? [each.event] : [])),
    ignored: ignored.length,
    ignoredPulls: ignored.filter(({ isPull }) => isPull).length,
    rejected,
  };
}

function tooMany(events: readonly unknown[]): RejectedNotification {
  const rest = { events: events.slice(MAX_EVENTS).map(withoutUser) };
  return rejection(`A body holds ${events.length} events; the first ${MAX_EVENTS} were taken. Replay for more.`, rest);
}

/** `actor.user` is a signed token about the account: what is kept for a replay must not hold it. */
function withoutUser(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || !('actor' in raw)) return raw;
  const { actor } = raw;
  if (typeof actor !== 'object' || actor === null || !('user' in actor)) return raw;
  const { user: _, ...rest } = actor;
  return { ...raw, actor: rest };
}

function judge(raw: unknown, notification: Notification): Judgement {
  const parsed = GitlabEvent.safeParse(raw);
  if (!parsed.success) return { type: 'senseless', why: `${whyInvalid(parsed.error)}.` };
  try {
    return translate(parsed.data, raw, notification);
  } catch (error) {
    return { type: 'senseless', why: messageOf(error) };
  }
}

/** Throws `MalformedNameError`. */
function translate(event: GitlabEvent, raw: unknown, notification: Notification): Judgement {
  const { action, target } = event;
  if (action === 'mount') return { type: 'ignored', isPull: false };
  if (action !== 'delete' && isBlob(target)) return { type: 'ignored', isPull: action === 'pull' };
  const base = baseOf(event, raw, notification);
  if (action === 'delete') return deletion(base, target);
  const tag = target.tag ? parseTagName(target.tag) : null;
  if (target.digest === null) return { type: 'senseless', why: `a ${kept(action, 40)} must name a digest.` };
  const digest = parseDigest(target.digest);
  const mediaType = target.mediaType === null ? null : kept(target.mediaType, 255);
  if (action === 'push') return { type: 'event', event: { ...base, type: 'pushed', tag, digest, mediaType } };
  if (action === 'pull') return { type: 'event', event: { ...base, type: 'pulled', tag, digest, mediaType } };
  return { type: 'senseless', why: `action ${JSON.stringify(action.slice(0, 40))} is unknown.` };
}

/** Throws `MalformedNameError`. */
function deletion(base: ReturnType<typeof baseOf>, { tag, digest }: GitlabEvent['target']): Judgement {
  if (tag) return { type: 'event', event: { ...base, type: 'tagDeleted', tag: parseTagName(tag) } };
  if (digest !== null) {
    return { type: 'event', event: { ...base, type: 'manifestDeleted', digest: parseDigest(digest) } };
  }
  // About a tag, though without its name: taking it for the whole repository would lose every tag of it in the record.
  if (tag === '') return { type: 'senseless', why: 'a tag was deleted, and its name is empty.' };
  return { type: 'event', event: { ...base, type: 'repositoryDeleted' } };
}

// The last two segments decide: a repository may itself have a component named `blobs`.
const isBlob = ({ mediaType, url, tag }: GitlabEvent['target']): boolean =>
  !tag && (mediaType === 'application/octet-stream' || /\/blobs\/[^/]+$/.test(url ?? ''));

function baseOf({ id, target, actor, timestamp, request, source }: GitlabEvent, raw: unknown, about: Notification) {
  return eventBase(about, {
    source: 'gitlab',
    // Retries carry the same id.
    id,
    raw: withoutUser(raw),
    repository: target.repository,
    actor: actor?.name,
    at: findTime(timestamp),
    claims: {
      userAgent: request?.useragent,
      address: request?.addr,
      requestId: request?.id,
      instanceId: source?.instanceID,
      userType: actor?.user_type,
    },
  });
}
