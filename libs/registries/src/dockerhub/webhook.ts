import { believableTime, messageOf, parseRepositoryName, parseTagName, type TagHint } from '#domain';
import type { Notification, ParsedNotification } from '../adapter.js';
import {
  digestOfText,
  findInstantOfSeconds,
  IGNORED,
  kept,
  NOTHING,
  notUnderstood,
  readBody,
  whyInvalid,
} from '../notification/notification.js';
import { HubPush } from './schema.js';

/** A push names a tag and no digest, so that it is a hint. */
export function parseNotification(notification: Notification): ParsedNotification {
  const body = readBody(notification.body);
  if ('rejected' in body) return { ...NOTHING, rejected: [body.rejected] };
  const reject = (why: string) => notUnderstood('push', why, body.value);
  const push = HubPush.safeParse(body.value);
  if (!push.success) return reject(`${whyInvalid(push.error)}.`);
  const { tag } = push.data.push_data;
  if (tag === null) return IGNORED;
  try {
    return { ...NOTHING, hints: [hintOf(push.data, tag, notification)] };
  } catch (error) {
    return reject(messageOf(error));
  }
}

/** Throws `MalformedNameError`. */
function hintOf({ push_data, repository }: HubPush, tag: string, { registry, receivedAt }: Notification): TagHint {
  const name = nameOf(repository);
  const { pushed_at, pusher } = push_data;
  // One push of several platforms is told several times, each with another callback. Without a time of its own, the minute it came in
  // keeps pushes apart that look alike.
  const time = pushed_at ?? receivedAt.slice(0, 16);
  return {
    registry,
    repository: parseRepositoryName(name),
    tag: parseTagName(tag),
    actor: pusher === null ? null : kept(pusher, 256),
    occurredAt: believableTime(findInstantOfSeconds(pushed_at ?? null), receivedAt),
    receivedAt,
    source: 'dockerhub',
    sourceId: `sha256-${digestOfText(JSON.stringify([name, tag, time, pusher]))}`,
    claims: {},
  };
}

/** As `/v2/` knows it: official images belong to `library`. */
function nameOf({ repo_name, namespace, name }: HubPush['repository']): string {
  const full = (repo_name ?? [namespace, name].filter(Boolean).join('/')).toLowerCase();
  return full.includes('/') ? full : `library/${full}`;
}
