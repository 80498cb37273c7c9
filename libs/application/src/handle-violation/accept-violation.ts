import { encodeRecorderMessage, TOPICS, type ViolationView } from '#contracts';
import { addMs, deriveId, type Instant, isUnfinished, type SealAccepted } from '#domain';
import type { MessageBus } from '../ports/message-bus.js';
import type { ViolationQueries } from '../ports/record-queries.js';
import type { ViolationHandling, ViolationInHand } from '../ports/violation-handling.js';
import { DigestRevokedError, ViolationNotAcceptableError, ViolationUnknownError } from './violation.errors.js';

export type Acceptance = { readonly reason: string; readonly by: string; readonly at: Instant };

/** How long to wait for the recorder, and how to. */
export type Patience = {
  readonly attempts: number;
  readonly intervalMs: number;
  readonly sleep: (ms: number) => Promise<void>;
};

/**
 * A person makes the found digest the tag's seal. That is an event like any other, so it goes through the bus: `violation` is what the
 * recorder had made of it when patience ended.
 */
export class AcceptViolation {
  constructor(
    private readonly handling: ViolationHandling,
    private readonly queries: ViolationQueries,
    private readonly bus: MessageBus,
    private readonly patience: Patience,
  ) {}

  async accept(id: string, acceptance: Acceptance): Promise<ViolationView> {
    await this.publish(id, acceptance);
    return this.waitUntilAccepted(id);
  }

  /** Without waiting for the recorder. */
  async publish(id: string, acceptance: Acceptance): Promise<void> {
    // Published after the transaction, not in it: a bus may be slow.
    const violation = await this.handling.hold(id, async (inHand) => inHand);
    const reason = whyNotAcceptable(violation);
    if (reason !== null) throw new ViolationNotAcceptableError(violation.ref, reason);
    refuseRevoked(violation);
    const message = encodeRecorderMessage({ kind: 'event', event: acceptanceOf(violation, acceptance) });
    await this.bus.publish(TOPICS.registryEvents, [message]);
  }

  private async waitUntilAccepted(id: string): Promise<ViolationView> {
    for (let attempt = 1; ; attempt += 1) {
      const violation = await this.queries.find(id);
      if (violation === null) throw new ViolationUnknownError(id);
      if (violation.state === 'accepted' || attempt >= this.patience.attempts) return violation;
      await this.patience.sleep(this.patience.intervalMs);
    }
  }
}

/** A sentence, or null where the found digest can become the seal. */
export function whyNotAcceptable({ state, endedBy, foundDigest, current }: ViolationInHand): string | null {
  if (!isUnfinished(state) && state !== 'audited') return `the violation is ${state} already.`;
  if (endedBy === 'released') return 'no rule covers the tag any more.';
  if (endedBy !== null) return 'the violation no longer stands: the tag was put right.';
  // Sealing what the tag has left would make what it points at a violation that nobody is told of.
  if (foundDigest === current.digest) return null;
  return `the tag points at ${current.digest ?? 'nothing'} now. Accept the newer violation instead.`;
}

/** Throws `DIGEST_REVOKED`. */
function refuseRevoked({ foundDigest, revoked: { found } }: ViolationInHand): void {
  if (foundDigest === null || found === null) return;
  throw new DigestRevokedError(
    foundDigest,
    found,
    'It cannot become a seal. Restore the tag, or push a good image first.',
  );
}

/** The same violation is accepted once: its id makes the event's. */
function acceptanceOf(violation: ViolationInHand, { reason, by, at }: Acceptance): SealAccepted {
  const { id, ref, foundDigest, current, detectedAt } = violation;
  // It must follow what it accepts, also where another machine's clock is ahead of ours.
  const occurredAt = at > detectedAt ? at : addMs(detectedAt, 1);
  return {
    type: 'sealAccepted',
    id: deriveId('event', 'sealAccepted', id),
    registry: ref.registry,
    repository: ref.repository,
    tag: ref.tag,
    digest: foundDigest,
    mediaType: current.mediaType,
    violationId: id,
    reason,
    actor: by,
    occurredAt,
    receivedAt: occurredAt,
    source: 'api',
    sourceId: id,
    claims: {},
  };
}
