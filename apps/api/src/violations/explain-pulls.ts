import type { ExposureView, RecordedExposure } from '#contracts';
import { getAdapter } from '#registries';

const CLAIMED = 'These pulls are what the registry claims, and no evidence.';
const UNSEEN = 'Pulls through caches and mirrors, and of what a node had already, are not among them.';

/** Adds how the pulls are to be read. `kind` is the registry's; null where it is no longer configured. */
export function withPullsExplained(exposure: RecordedExposure, kind: string | null): ExposureView {
  const pullsReported = kind === null ? null : getAdapter(kind).capabilities.pulls;
  return { ...exposure, pulls: { ...exposure.pulls, pullsReported, note: noteOf(pullsReported) } };
}

function noteOf(pullsReported: boolean | null): string {
  if (pullsReported === null)
    return `${CLAIMED} The registry is no longer configured, so whether it told of pulls is not known: an empty list may say nothing.`;
  if (!pullsReported) return 'This registry does not tell of pulls: an empty list does not say that nobody pulled.';
  return `${CLAIMED} ${UNSEEN}`;
}
