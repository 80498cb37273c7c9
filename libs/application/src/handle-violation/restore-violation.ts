import { findHindrance, type Hindrance, type Instant, isUnfinished } from '#domain';
import type { ViolationHandling, ViolationInHand } from '../ports/violation-handling.js';
import { DigestRevokedError, ViolationNotRestorableError } from './violation.errors.js';

const REVOKED_ADVICE =
  'It is not put back. Push a good image under this tag and accept its violation, or reinstate the digest first.';

/** A person wants the sealed digest back. The enforcer puts it back; its answer is the violation's next state. */
export async function restoreViolation(
  handling: ViolationHandling,
  id: string,
  by: string,
  at: Instant,
  reason?: string,
) {
  await handling.hold(id, async (violation, actions) => {
    const why = whyNotRestorable(violation, at);
    if (why !== null) throw new ViolationNotRestorableError(violation.ref, why);
    const { sealed } = violation.revoked;
    if (sealed !== null) throw new DigestRevokedError(violation.sealedDigest, sealed, REVOKED_ADVICE);
    await actions.enforceNow({ type: 'restoreRequested', by, at, detail: reason === undefined ? {} : { reason } });
  });
}

/** A sentence, or null where it can be restored. */
export function whyNotRestorable(violation: ViolationInHand, now: Instant): string | null {
  const { state, endedBy, kind, sealedDigest, current, ruling, waiverUses } = violation;
  if (!isUnfinished(state) && state !== 'audited') return `it is ${state} already. Nothing is left to do.`;
  if (endedBy === 'released') return 'no rule covers the tag any more.';
  if (endedBy === 'accepted') return 'another digest was accepted as the seal.';
  if (endedBy === 'waived') return 'a waiver permitted it.';
  // One that was put right stands no more: the enforcer looks, and closes it.
  const kindNow = current.digest === null || current.digest === sealedDigest ? 'deletion' : 'overwrite';
  const change = endedBy === null ? ({ kind: kindNow, digest: current.digest, at: now } as const) : null;
  const hindrance = findHindrance(ruling, { kinds: [kind], change, waiverUses, byHand: true });
  return hindrance && explain(hindrance);
}

function explain(hindrance: Hindrance): string {
  if (hindrance.type !== 'permitted') return 'no rule covers the tag any more.';
  const { id, until } = hindrance.waiver;
  return `the waiver ${id} permits the change until ${until}. Revoke that waiver first.`;
}
