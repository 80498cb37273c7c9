import { messageOf, parseRepositoryName, parseTagName, type RepositoryName, type TagHint } from '#domain';
import type { Notification, ParsedNotification } from '../adapter.js';
import { digestOfText, IGNORED, NOTHING, readBody, rejection, whyInvalid } from '../notification/notification.js';
import { OtherEvent, QuayPush } from './schema.js';

const MAX_TAGS = 1000;

/** A push names its tags and nothing else, so that each is a hint. */
export function parseNotification(notification: Notification): ParsedNotification {
  const body = readBody(notification.body);
  if ('rejected' in body) return { ...NOTHING, rejected: [body.rejected] };
  const reject = (why: string) => [rejection(`The push can't be understood: ${why}`, body.value)];
  if (OtherEvent.safeParse(body.value).success) return IGNORED;
  const push = QuayPush.safeParse(body.value);
  if (!push.success) {
    const shape = 'a template on the notification replaces the shape that is read here.';
    return { ...NOTHING, rejected: reject(`${whyInvalid(push.error)}. Perhaps ${shape}`) };
  }
  const { updated_tags: tags } = push.data;
  if (tags.length === 0) return IGNORED;
  try {
    const repository = parseRepositoryName(nameOf(push.data));
    const told = tags.slice(0, MAX_TAGS).map((tag) => attempt(() => hintOf(repository, tag, notification)));
    const faults = told.flatMap((each) => ('fault' in each ? [each.fault] : []));
    if (tags.length > MAX_TAGS) faults.push(`it names more than ${MAX_TAGS} tags.`);
    // Once, as a whole: looking again at the tags that were understood does no harm when it is replayed.
    const hints = told.flatMap((each) => ('hint' in each ? [each.hint] : []));
    return { ...NOTHING, hints, rejected: faults.slice(0, 1).flatMap(reject) };
  } catch (error) {
    return { ...NOTHING, rejected: reject(messageOf(error)) };
  }
}

function attempt(tell: () => TagHint): { hint: TagHint } | { fault: string } {
  try {
    return { hint: tell() };
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

/** Throws `MalformedNameError`. */
function hintOf(repository: RepositoryName, name: unknown, { registry, receivedAt }: Notification): TagHint {
  const tag = parseTagName(typeof name === 'string' ? name : '');
  // Each push of a tag has the same body: only the time that it came in keeps two apart, and a retry comes 30 s later.
  const minute = receivedAt.slice(0, 16);
  return {
    registry,
    repository,
    tag,
    actor: null,
    occurredAt: receivedAt,
    receivedAt,
    source: 'quay',
    sourceId: `sha256-${digestOfText(JSON.stringify([repository, tag, minute]))}`,
    claims: {},
  };
}

const nameOf = ({ repository, namespace, name }: QuayPush): string =>
  repository ?? [namespace, name].filter(Boolean).join('/');
