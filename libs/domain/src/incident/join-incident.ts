import type { Instant } from '../instant.js';
import { deriveId } from '../registry-event.js';
import type { ViolationId } from '../violation.js';
import { type Arising, type Incident, type IncidentId, isSameIdentity, NOTHING_TOLD } from './incident.js';

/** The incident that a violation opens. Its id derives from the violation's: a batch that is recorded again opens the same one. */
export function openIncident(id: ViolationId, { registry, actor, detectedAt }: Arising): Incident {
  return {
    id: deriveId('incident', id) as string as IncidentId,
    openedAt: detectedAt,
    lastAt: detectedAt,
    identity: { registry, actor },
    isMixed: false,
    registries: [registry],
    members: 1,
    telling: NOTHING_TOLD,
    closedAt: null,
  };
}

/** The incident with one more member, which is open. */
export function joinIncident(incident: Incident, violation: Arising): Incident {
  const { registry, detectedAt } = violation;
  return {
    ...incident,
    ...widened(incident, detectedAt),
    isMixed: incident.isMixed || !isSameIdentity(incident.identity, violation),
    registries: incident.registries.includes(registry) ? incident.registries : [...incident.registries, registry],
    members: incident.members + 1,
    closedAt: null,
  };
}

/** Times are texts: what fits numbers does not fit them. */
function widened({ openedAt, lastAt }: Incident, at: Instant): Pick<Incident, 'openedAt' | 'lastAt'> {
  if (at < openedAt) return { openedAt: at, lastAt };
  return at > lastAt ? { openedAt, lastAt: at } : { openedAt, lastAt };
}
