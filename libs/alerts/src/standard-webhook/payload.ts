import type { Alert, AlertChange } from '#application';
import type { Instant, Violation } from '#domain';
import { violationLink } from '../violation-link.js';

/** Standard Webhooks, "Payload structure". */
export type StandardWebhookPayload = {
  readonly type: `tagwarden.violation.${AlertChange}`;
  readonly timestamp: Instant;
  readonly data: Violation & {
    readonly dedupKey: string;
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
      resolves: alert.resolves,
      ...(link === null ? {} : { links: { violation: link } }),
    },
  };
}
