import type { Instant } from '#domain';
import type { ViolationHandling } from '../ports/violation-handling.js';

/** Marks that a person has seen it. The first mark stays. */
export async function acknowledgeViolation(
  handling: ViolationHandling,
  id: string,
  by: string,
  at: Instant,
  note?: string,
) {
  await handling.hold(id, async (violation, actions) => {
    if (violation.isAcknowledged) return;
    await actions.acknowledge({ type: 'violationAcknowledged', by, at, detail: note === undefined ? {} : { note } });
  });
}
