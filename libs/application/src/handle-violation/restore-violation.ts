import { type Instant, isUnfinished } from '#domain';
import type { ViolationHandling, ViolationInHand } from '../ports/violation-handling.js';
import { ViolationNotRestorableError } from './violation.errors.js';

/** A person wants the sealed digest back. The enforcer puts it back; its answer is the violation's next state. */
export async function restoreViolation(handling: ViolationHandling, id: string, by: string, at: Instant) {
  await handling.hold(id, async (violation, actions) => {
    const reason = whyNotRestorable(violation);
    if (reason !== null) throw new ViolationNotRestorableError(violation.ref, reason);
    await actions.enforceNow({ type: 'restoreRequested', by, at });
  });
}

/** A sentence, or null where it can be restored. */
export function whyNotRestorable({ state, endedBy }: ViolationInHand): string | null {
  if (!isUnfinished(state) && state !== 'audited') return `it is ${state} already. Nothing is left to do.`;
  // The tag was put right: the enforcer looks, and closes it.
  if (endedBy === null || endedBy === 'righted') return null;
  return endedBy === 'released' ? 'no rule covers the tag any more.' : 'another digest was accepted as the seal.';
}
