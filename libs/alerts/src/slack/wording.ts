import type { ViolationAlert } from '#application';
import type { ServiceChange, ViolationChange } from '#contracts';

export type Wording = { readonly headline: string; readonly advice: string };

/** What each change says to a person: what happened, and what to do. */
const WORDINGS: Readonly<Record<ViolationChange, (alert: ViolationAlert) => Wording>> = {
  detected: (alert) => ({
    headline: happened(alert),
    advice: 'Tagwarden is going to put the sealed digest back. Find out who changed the tag, and why.',
  }),
  restoring: (alert) => ({ headline: happened(alert), advice: 'The sealed digest is being put back now.' }),
  restored: () => ({
    headline: 'RESOLVED: restored',
    advice: 'The sealed digest is back. Check who pulled the wrong one meanwhile.',
  }),
  failed: () => ({
    headline: 'Could not be restored',
    advice: 'The tag is still wrong. Remove the cause and restore again, or accept the found digest with a reason.',
  }),
  selfHealed: () => ({
    headline: 'RESOLVED: right again',
    advice: 'The registry holds the sealed digest again; nothing was written.',
  }),
  audited: (alert) => ({
    headline: `${happened(alert)} (audit only)`,
    advice: 'The rule only audits: nothing is put back. Restore by hand, or accept the found digest with a reason.',
  }),
  accepted: () => ({
    headline: 'RESOLVED: accepted',
    advice: 'Somebody made the found digest the new seal; nothing is left to do.',
  }),
  waived: () => ({ headline: 'RESOLVED: waived', advice: 'A waiver permits the change; nothing is left to do.' }),
  withdrawn: () => ({
    headline: 'RESOLVED: withdrawn',
    advice: 'It does not follow from the record any more, after a late event or a changed rule; nothing is left to do.',
  }),
  fight: () => ({
    headline: 'Somebody keeps changing it back',
    advice: 'Restoring has stopped, so as not to fight. Stop the other writer, then restore by hand.',
  }),
};

const happened = ({ violation }: ViolationAlert): string =>
  violation.kind === 'overwrite' ? 'Immutable tag overwritten' : 'Immutable tag deleted';

export const wordingOf = (alert: ViolationAlert): Wording => WORDINGS[alert.change](alert);

/** What is said of a registry, before the sentence that the alert brings. */
export const SERVICE_HEADLINES: Readonly<Record<ServiceChange, string>> = {
  canaryFailed: 'Canary failed',
  canaryRecovered: 'RESOLVED: canary restored again',
  registryDeaf: 'Registry is not heard any more',
  registryHeard: 'RESOLVED: registry is heard again',
};
