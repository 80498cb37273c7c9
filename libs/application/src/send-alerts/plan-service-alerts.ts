import type { ServiceChange } from '#contracts';
import { deriveId, type Instant, type RegistryName } from '#domain';
import type { AlertRoute } from '../ports/alert-channel.js';
import type { PlannedDelivery } from '../ports/alert-deliveries.js';

/** Something that happened to a registry, beside its tags. */
export type ServiceNotice = {
  readonly type: ServiceChange;
  readonly registry: RegistryName;
  /** What was found, and what to do. */
  readonly sentence: string;
  readonly at: Instant;
};

/** What can be wrong with a registry: what raises the alert, and what closes it. */
const SUBJECTS: Readonly<Record<ServiceChange, { readonly subject: string; readonly resolves: boolean }>> = {
  canaryFailed: { subject: 'canary', resolves: false },
  canaryRecovered: { subject: 'canary', resolves: true },
  registryDeaf: { subject: 'hearing', resolves: false },
  registryHeard: { subject: 'hearing', resolves: true },
};

/** Who is to be told. What resolves also goes, as a follow-up, to the channels that did not ask for it and have an alert open. */
export function planServiceAlerts(notice: ServiceNotice, routes: readonly AlertRoute[]): PlannedDelivery[] {
  const { type, registry, sentence, at } = notice;
  const { subject, resolves } = SUBJECTS[type];
  return routes
    .filter(({ on }) => on.has(type) || resolves)
    .map(({ channel, on }) => ({
      channel: channel.name,
      alert: {
        dedupKey: `${subject}/${registry}`,
        messageId: deriveId('service alert', channel.name, type, registry, at),
        change: type,
        resolves,
        registry,
        sentence,
        at,
      },
      followUp: !on.has(type),
      after: [],
    }));
}
