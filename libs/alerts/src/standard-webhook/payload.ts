import type { Alert, AlertChange, AlertIncident } from '#application';
import type { Instant, Violation } from '#domain';
import { incidentStory } from '../incident-story.js';
import { violationLink } from '../violation-link.js';

type IncidentFields = Pick<AlertIncident, 'id' | 'members' | 'since' | 'isMixed'>;

/** Standard Webhooks, "Payload structure". */
export type StandardWebhookPayload = {
  readonly type: `tagwarden.violation.${AlertChange}`;
  readonly timestamp: Instant;
  readonly data: Violation & {
    readonly dedupKey: string;
    /** `story` is a sentence for people, where it has several violations. */
    readonly incident: (IncidentFields & { readonly story: string | null }) | null;
    readonly resolves: boolean;
    readonly links?: { readonly violation: string };
  };
};

export function standardWebhookPayload(alert: Alert, publicUrl: string | null): StandardWebhookPayload {
  const link = violationLink(publicUrl, alert.violation.id);
  return {
    type: `tagwarden.violation.${alert.change}`,
    timestamp: alert.at,
    data: {
      ...alert.violation,
      dedupKey: alert.dedupKey,
      incident: incidentOf(alert),
      resolves: alert.resolves,
      ...(link === null ? {} : { links: { violation: link } }),
    },
  };
}

function incidentOf(alert: Alert): StandardWebhookPayload['data']['incident'] {
  if (alert.incident === null) return null;
  const { id, members, since, isMixed } = alert.incident;
  return { id, members, since, isMixed, story: incidentStory(alert) };
}
