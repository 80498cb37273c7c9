import { messageOf, parseDigest, parseTagName, type RegistryEvent, type TagHint } from '#domain';
import type { Notification, ParsedNotification, RejectedNotification } from '../adapter.js';
import { eventBase, findTime } from '../notification/event-base.js';
import { kept, NOTHING, readBody, rejection, whyInvalid } from '../notification/notification.js';
import { AcrEvent, GridEvent, Validation } from './schema.js';

const MAX_EVENTS = 1000;

type Judgement =
  | { readonly told: RegistryEvent | TagHint }
  | { readonly ignored: true }
  | { readonly rejected: RejectedNotification }
  | { readonly validationCode: string };

/** A webhook posts one bare event, Event Grid an array of its own. */
export function parseNotification(notification: Notification): ParsedNotification {
  const body = readBody(notification.body);
  if ('rejected' in body) return { ...NOTHING, rejected: [body.rejected] };
  const items = Array.isArray(body.value) ? body.value : [body.value];
  const judgements = items.slice(0, MAX_EVENTS).map((item) => judge(item, notification));
  if (items.length > MAX_EVENTS) judgements.push({ rejected: tooMany(items) });
  return collected(judgements);
}

function collected(judgements: readonly Judgement[]): ParsedNotification {
  const told = judgements.flatMap((each) => ('told' in each ? [each.told] : []));
  const [code] = judgements.flatMap((each) => ('validationCode' in each ? [each.validationCode] : []));
  return {
    events: told.flatMap((each) => ('type' in each ? [each] : [])),
    hints: told.flatMap((each) => ('type' in each ? [] : [each])),
    handshake: code === undefined ? null : { type: 'reply', body: { validationResponse: code } },
    ignored: judgements.filter((each) => 'ignored' in each).length,
    ignoredPulls: 0,
    rejected: judgements.flatMap((each) => ('rejected' in each ? [each.rejected] : [])),
  };
}

const tooMany = (items: readonly unknown[]): RejectedNotification =>
  rejection(
    `A body holds ${items.length} events; the first ${MAX_EVENTS} were taken. Replay for more.`,
    items.slice(MAX_EVENTS),
  );

const PREFIX = 'Microsoft.ContainerRegistry.';
const VALIDATION = 'Microsoft.EventGrid.SubscriptionValidationEvent';
const IMAGE_EVENTS: ReadonlySet<string> = new Set([`${PREFIX}ImagePushed`, `${PREFIX}ImageDeleted`]);

function judge(raw: unknown, notification: Notification): Judgement {
  const reject = (why: string) => ({ rejected: rejection(`An event can't be understood: ${why}`, raw) });
  const grid = findGridEvent(raw);
  if (grid?.type === VALIDATION) {
    const validation = Validation.safeParse(grid.data);
    return validation.success ? validation.data : reject(`${whyInvalid(validation.error)}.`);
  }
  if (grid !== null && !IMAGE_EVENTS.has(grid.type)) return { ignored: true };
  const event = AcrEvent.safeParse(grid === null ? raw : grid.data);
  if (!event.success) return reject(`${whyInvalid(event.error)}.`);
  try {
    return translate(event.data, grid, raw, notification) ?? reject('it names no repository, or no digest.');
  } catch (error) {
    return reject(messageOf(error));
  }
}

/** A webhook's own event has neither of the keys that a type is under. */
function findGridEvent(raw: unknown): GridEvent | null {
  const grid = GridEvent.safeParse(raw);
  return grid.success && grid.data.type !== '' ? grid.data : null;
}

/** null where it makes no sense; throws `MalformedNameError`. */
function translate(event: AcrEvent, grid: GridEvent | null, raw: unknown, about: Notification): Judgement | null {
  const { action, target } = event;
  // Pings, charts of the old kind and images in quarantine move no tag that anybody can pull.
  if (action !== 'push' && action !== 'delete') return { ignored: true };
  if (target === null) return null;
  const { id, ...base } = baseOf(event, target.repository, grid, raw, about);
  const tag = target.tag === null ? null : parseTagName(target.tag);
  const digest = target.digest === null ? null : parseDigest(target.digest);
  if (action === 'delete') {
    if (digest !== null) return { told: { id, ...base, type: 'manifestDeleted', digest } };
    if (tag !== null) return { told: { id, ...base, type: 'tagDeleted', tag } };
    return { told: { id, ...base, type: 'repositoryDeleted' } };
  }
  if (digest === null) return tag === null ? null : { told: { ...base, tag } };
  const mediaType = target.mediaType === null ? null : kept(target.mediaType, 255);
  return { told: { id, ...base, type: 'pushed', tag, digest, mediaType } };
}

function baseOf(event: AcrEvent, repository: string, grid: GridEvent | null, raw: unknown, about: Notification) {
  const { useragent: userAgent, id: requestId } = event.request ?? {};
  return eventBase(about, {
    source: 'acr',
    id: grid?.id ?? event.id,
    raw,
    repository,
    actor: null,
    at: findTime(event.timestamp ?? grid?.time),
    claims: { userAgent, requestId },
  });
}
