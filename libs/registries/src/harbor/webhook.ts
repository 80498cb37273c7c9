import { isDigest, messageOf, parseDigest, parseTagName, type RegistryEvent, type TagHint } from '#domain';
import type { Notification, ParsedNotification } from '../adapter.js';
import { IGNORED, NOTHING, readBody, rejection, whyInvalid } from '../notification/notification.js';
import { type Action, type HarborNotice, readNotice } from './notice.js';
import type { HarborResource } from './schema.js';
import { contextOf, eventBase, hintBase, type NoticeContext } from './told.js';

const MAX_RESOURCES = 1000;

type Told = { event: RegistryEvent } | { hint: TagHint } | { fault: string };

export function parseNotification(notification: Notification): ParsedNotification {
  const body = readBody(notification.body);
  if ('rejected' in body) return { ...NOTHING, rejected: [body.rejected] };
  const reject = (why: string) => [rejection(`The event can't be understood: ${why}`, body.value)];
  const notice = readNotice(body.value);
  if (!notice.success) return { ...NOTHING, rejected: reject(`${whyInvalid(notice.error)}.`) };
  const { action } = notice;
  if (action === null) return IGNORED;
  const context = contextOf(notice, notification);
  const told = action === 'retention' ? toldByRetention(context) : toldByResources(action, context);
  const faults = told.flatMap((each) => ('fault' in each ? [each.fault] : []));
  return {
    events: told.flatMap((each) => ('event' in each ? [each.event] : [])),
    hints: told.flatMap((each) => ('hint' in each ? [each.hint] : [])),
    ignored: told.length === 0 ? 1 : 0,
    ignoredPulls: 0,
    // Once, as a whole: what was understood has the same ids when it is replayed.
    rejected: faults.slice(0, 1).flatMap(reject),
  };
}

function toldByResources(action: Exclude<Action, 'retention'>, context: NoticeContext): Told[] {
  const { resources } = context.notice.data;
  if (!resources || resources.length === 0) return [{ fault: 'it names no artifact.' }];
  const told = resources
    .slice(0, MAX_RESOURCES)
    .map((resource, index) => attempt(() => toldBy(action, resource, index, context)));
  const isCut = resources.length > MAX_RESOURCES;
  return isCut ? [...told, { fault: `it names more than ${MAX_RESOURCES} artifacts.` }] : told;
}

/** Throws `MalformedNameError`. */
function toldBy(
  action: Exclude<Action, 'retention'>,
  resource: HarborResource,
  index: number,
  context: NoticeContext,
): Told {
  const repository = repositoryOf(context.notice);
  // An artifact without a tag has its digest for one.
  const isUntagged = resource.tag === null || isDigest(resource.tag);
  const named = resource.digest ?? (isUntagged ? resource.tag : null);
  const digest = named === null ? null : parseDigest(named);
  // One of its tags is named at most: which it had, the record knows.
  if (action === 'deleted' && digest !== null) {
    return { event: { ...eventBase(context, repository, index), type: 'manifestDeleted', digest } };
  }
  const tag = isUntagged || resource.tag === null ? null : parseTagName(resource.tag);
  if (action === 'deleted' && tag !== null) {
    return { event: { ...eventBase(context, repository, index), type: 'tagDeleted', tag } };
  }
  if (digest !== null) {
    const type = action === 'pulled' ? 'pulled' : 'pushed';
    return { event: { ...eventBase(context, repository, index), type, tag, digest, mediaType: null } };
  }
  if (tag === null || action === 'pulled') return { fault: 'it names neither a digest nor a tag.' };
  return { hint: { ...hintBase(context, repository, index), tag } };
}

/** One tag of the last artifact alone is named, and whether it is gone only the registry knows. The operator is what triggered the run. */
function toldByRetention(context: NoticeContext): Told[] {
  const { retention } = context.notice.data;
  const named = (retention?.deleted_artifact ?? []).flatMap((artifact) => artifact?.name_tag ?? []);
  return named.slice(0, MAX_RESOURCES).map((name, index) =>
    attempt(() => {
      const colon = name.lastIndexOf(':');
      const repository = `${retention?.project_name ?? ''}/${name.slice(0, Math.max(colon, 0))}`;
      const tag = parseTagName(name.slice(colon + 1));
      return { hint: { ...hintBase(context, repository, index), tag, actor: null } };
    }),
  );
}

function attempt(tell: () => Told): Told {
  try {
    return tell();
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

function repositoryOf({ data: { repository } }: HarborNotice): string {
  const { repo_full_name, namespace, name } = repository ?? {};
  return repo_full_name ?? `${namespace ?? ''}/${name ?? ''}`;
}
