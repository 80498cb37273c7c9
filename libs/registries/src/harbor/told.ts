import { believableTime, deriveId, parseRepositoryName, type RegistryEvent, type TagHint } from '#domain';
import type { Notification } from '../adapter.js';
import { claimsOf, digestOfText, idOrHash, kept } from '../notification/notification.js';
import type { HarborNotice } from './notice.js';

export type NoticeContext = {
  readonly notice: HarborNotice;
  readonly notification: Notification;
  /** The source's, or a hash of the body, which has the second it happened in. */
  readonly id: string;
};

export function contextOf(notice: HarborNotice, notification: Notification): NoticeContext {
  const id = idOrHash(notice.id, () => digestOfText(notification.body.toString('utf8')));
  return { notice, notification, id };
}

/** What all events of a notification have in common. Throws `MalformedNameError`. */
export function eventBase(
  context: NoticeContext,
  repository: string,
  index: number,
): Pick<RegistryEvent, keyof ReturnType<typeof hintBase> | 'id'> {
  const base = hintBase(context, repository, index);
  return { id: deriveId('event', base.registry, 'harbor', base.sourceId), ...base };
}

/** Throws `MalformedNameError`. */
export function hintBase(
  { notice, notification, id }: NoticeContext,
  repository: string,
  index: number,
): Omit<TagHint, 'tag'> {
  const { registry, receivedAt } = notification;
  return {
    registry,
    repository: parseRepositoryName(repository),
    actor: notice.operator === null ? null : kept(notice.operator, 256),
    occurredAt: believableTime(notice.time, receivedAt),
    receivedAt,
    source: 'harbor',
    sourceId: index === 0 ? id : `${id} ${index}`,
    claims: claimsOf({ requestId: notice.requestId }),
  };
}
