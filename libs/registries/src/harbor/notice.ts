import type { z } from 'zod';
import { findInstant, type Instant } from '#domain';
import { findInstantOfSeconds, kept } from '../notification/notification.js';
import { CloudEvent, DefaultEvent, HarborData } from './schema.js';

/** A tag made by the API is a push: `created` is what newer releases tell of it. */
export type Action = 'pushed' | 'pulled' | 'deleted' | 'retention';

/** A notification, whichever format it came in. `id`: the source's own, where it has one. */
export type HarborNotice = {
  readonly success: true;
  /** null: it says nothing about tags. */
  readonly action: Action | null;
  readonly id: string | null;
  readonly time: Instant | null;
  readonly operator: string | null;
  readonly requestId: string | null;
  readonly data: HarborData;
};

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ['PUSH_ARTIFACT', 'pushed'],
  ['CREATE_TAG', 'pushed'],
  ['PULL_ARTIFACT', 'pulled'],
  ['DELETE_ARTIFACT', 'deleted'],
  ['TAG_RETENTION', 'retention'],
  ['artifact.pushed', 'pushed'],
  ['tag.created', 'pushed'],
  ['artifact.pulled', 'pulled'],
  ['artifact.deleted', 'deleted'],
  ['tag_retention.finished', 'retention'],
]);

const NO_DATA: HarborData = { resources: null, repository: null, retention: null };

type Failed = { readonly success: false; readonly error: z.ZodError };

/** Told apart by the body, not by the content type: what was rejected is replayed without its headers. */
export function readNotice(value: unknown): HarborNotice | Failed {
  const isCloudEvent = typeof value === 'object' && value !== null && 'specversion' in value;
  return isCloudEvent ? readCloudEvent(value) : readDefault(value);
}

function readDefault(value: unknown): HarborNotice | Failed {
  const event = DefaultEvent.safeParse(value);
  if (!event.success) return event;
  const { type, occur_at, operator, event_data } = event.data;
  const time = findInstantOfSeconds(occur_at ?? null);
  return withData({ action: ACTIONS.get(type) ?? null, id: null, time, operator, requestId: null }, event_data);
}

function readCloudEvent(value: unknown): HarborNotice | Failed {
  const event = CloudEvent.safeParse(value);
  if (!event.success) return event;
  const { id, source, time, operator, requestid, data } = event.data;
  const action = ACTIONS.get(event.data.type.replace(/^[^.]*\./, '')) ?? null;
  return withData(
    {
      action,
      // CloudEvents: source and id together name an event.
      id: id === null ? null : `${source ?? ''} ${id}`,
      time: findInstant(kept(time ?? '', 64)),
      operator,
      requestId: requestid,
    },
    data,
  );
}

function withData(notice: Omit<HarborNotice, 'data' | 'success'>, data: unknown): HarborNotice | Failed {
  // Scans and quotas have data of their own, which nobody needs to understand.
  if (notice.action === null) return { ...notice, success: true, data: NO_DATA };
  const parsed = HarborData.safeParse(data);
  return parsed.success ? { ...notice, success: true, data: parsed.data } : parsed;
}
