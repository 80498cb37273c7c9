import { deriveId, type Instant, type TagRef, VIOLATION_STATE_EVENTS, type ViolationState } from '#domain';
import type { EventRow } from './event-rows.js';
import type { ServiceEvent } from './service-events.js';
import type { TagViolation } from './violation-rows.js';

/** A violation after a change of its state, and the state before; null where it has just arisen. */
export type StateChange = TagViolation & { readonly from: ViolationState | null };

/** What brought a change about, beside the states: flat, as the ledger wants it. */
type Cause = Readonly<Record<string, string | number | null | undefined>>;

/** `version` puts the changes of one violation in order. */
const detailOf = ({ from, violation: { id, state, version } }: StateChange, cause: Cause) => ({
  violationId: id,
  from,
  to: state,
  version,
  ...cause,
});

const refOf = ({ registry, repository, tag }: TagRef) => ({ registry, repository, tag });

/** A change that follows from the record. Its id is derived: a re-run of the recorder makes the same event. */
export function recordedChange(change: StateChange, now: Instant): EventRow {
  const { ref, from, violation } = change;
  const { id, version, state, event, end, kind, foundDigest, waiverId } = violation;
  const arose = from === null ? { kind, foundDigest, eventId: event.id } : {};
  const ended = end === null ? {} : { endedBy: end.by };
  const permitted = waiverId === null ? {} : { waiverId };
  const eventId = deriveId('violation-changed', id, String(version), state);
  return {
    id: eventId,
    type: VIOLATION_STATE_EVENTS[state],
    ...refOf(ref),
    digest: violation.sealedDigest,
    media_type: null,
    actor: 'tagwarden',
    occurred_at: now,
    received_at: now,
    source: 'recorder',
    source_id: eventId,
    claims: {},
    detail: detailOf(change, { ...arose, ...ended, ...permitted }),
  };
}

/** A change that the enforcer brought about. */
export function enforcedChange(change: StateChange, at: Instant, reason: string | null): ServiceEvent {
  const { ref, violation } = change;
  return {
    type: VIOLATION_STATE_EVENTS[violation.state],
    ...refOf(ref),
    digest: violation.sealedDigest,
    actor: 'tagwarden',
    source: 'enforcer',
    at,
    detail: detailOf(change, reason === null ? {} : { reason }),
  };
}
