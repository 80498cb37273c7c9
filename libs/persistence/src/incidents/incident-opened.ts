import { deriveId, type Incident, type Instant } from '#domain';
import type { EventRow } from '../record/event-rows.js';

/** For the audit trail. Its id is derived: a re-run of the recorder makes the same event. */
export function incidentOpened({ id, identity, openedAt }: Incident, now: Instant): EventRow {
  const eventId = deriveId('incident-opened', id);
  return {
    id: eventId,
    type: 'incidentOpened',
    registry: identity.registry,
    repository: null,
    tag: null,
    digest: null,
    media_type: null,
    actor: 'tagwarden',
    occurred_at: now,
    received_at: now,
    source: 'recorder',
    source_id: eventId,
    claims: {},
    detail: { incidentId: id, by: identity.actor, since: openedAt },
  };
}
