import { TOPICS, type ViolationChange, type ViolationChanged } from '#contracts';
import { deriveId, formatTagRef, type Incident, type Instant, isOfCanary, type Page, type Violation } from '#domain';
import type { OutgoingMessage } from './ports/message-bus.js';

/** The incident that the violation belongs to, as it is after the change; `page` null: people are not told of this change. */
export type Belonging = { readonly incident: Incident; readonly page: Page | null };

/** The bus message that tells of a violation's change. `version` makes its id stable: the same change has the same id. */
export function announceViolation(
  violation: Violation,
  change: ViolationChange,
  version: number,
  now: Instant,
  belonging: Belonging | null,
): OutgoingMessage & { topic: string } {
  const event: ViolationChanged = {
    specversion: '1.0',
    id: deriveId('violation-changed', violation.id, String(version), change),
    source: 'tagwarden',
    type: `tagwarden.violation.${change}`,
    subject: formatTagRef(violation),
    time: now,
    datacontenttype: 'application/json',
    // A canary is overwritten by ourselves: what there is to tell of it is told by its result.
    quiet: isOfCanary(violation) || (belonging !== null && belonging.page === null),
    data: { ...violation, incident: belonging === null ? null : incidentDataOf(belonging) },
  };
  return {
    topic: TOPICS.violations,
    key: `${violation.registry}/${violation.repository}`,
    value: Buffer.from(JSON.stringify(event)),
    headers: { 'content-type': 'application/cloudevents+json' },
  };
}

function incidentDataOf({ incident, page }: Belonging): ViolationChanged['data']['incident'] {
  const { id, members, openedAt, isMixed } = incident;
  const earlier = page?.earlier.map((told) => ({ ...told, changes: [...told.changes] })) ?? [];
  return { id, members, since: openedAt, isMixed, page: page && { page: page.page, earlier } };
}
