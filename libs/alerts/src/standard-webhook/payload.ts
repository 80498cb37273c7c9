import { type Alert, type AlertIncident, isServiceAlert, type ServiceAlert, type ViolationAlert } from '#application';
import type { ServiceChange, ViolationChange } from '#contracts';
import type { Instant, Violation } from '#domain';
import { incidentStory } from '../incident-story.js';
import { violationLink } from '../violation-link.js';

type IncidentFields = Pick<AlertIncident, 'id' | 'members' | 'since' | 'isMixed'>;

export type ViolationPayload = {
  readonly type: `tagwarden.violation.${ViolationChange}`;
  readonly timestamp: Instant;
  readonly data: Violation & {
    readonly dedupKey: string;
    /** `story` is a sentence for people, where it has several violations. */
    readonly incident: (IncidentFields & { readonly story: string | null }) | null;
    readonly resolves: boolean;
    readonly links?: { readonly violation: string };
  };
};

/** `type` has the change once: `tagwarden.service.registryDeaf`. */
export type ServicePayload = {
  readonly type: `tagwarden.service.${ServiceChange}`;
  readonly timestamp: Instant;
  readonly data: Pick<ServiceAlert, 'dedupKey' | 'resolves' | 'registry' | 'sentence'>;
};

/** Standard Webhooks, "Payload structure". */
export type StandardWebhookPayload = ViolationPayload | ServicePayload;

export const standardWebhookPayload = (alert: Alert, publicUrl: string | null): StandardWebhookPayload =>
  isServiceAlert(alert) ? servicePayload(alert) : violationPayload(alert, publicUrl);

const servicePayload = ({ change, at, dedupKey, resolves, registry, sentence }: ServiceAlert): ServicePayload => ({
  type: `tagwarden.service.${change}`,
  timestamp: at,
  data: { dedupKey, resolves, registry, sentence },
});

function violationPayload(alert: ViolationAlert, publicUrl: string | null): ViolationPayload {
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

function incidentOf(alert: ViolationAlert): ViolationPayload['data']['incident'] {
  if (alert.incident === null) return null;
  const { id, members, since, isMixed } = alert.incident;
  return { id, members, since, isMixed, story: incidentStory(alert) };
}
