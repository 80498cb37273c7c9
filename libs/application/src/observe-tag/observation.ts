import { deriveId, formatTagRef, type Instant, type Observed, type TagRef } from '#domain';
import type { Hint } from '../ports/observation-queue.js';

/**
 * The event that the registry was asked at that time, and what it said; null: there is no such tag. Who made it look, and how that is
 * known, comes from the registry's hint where there was one.
 */
export function observationOf(
  { registry, repository, tag }: TagRef,
  head: Pick<Observed, 'digest' | 'mediaType'> | null,
  at: Instant,
  hint: Hint | null = null,
): Observed {
  const ref = { registry, repository, tag };
  const name = formatTagRef(ref);
  return {
    type: 'observed',
    id: deriveId('event', 'sweeper', `${name} ${at}`),
    ...ref,
    digest: head?.digest ?? null,
    mediaType: head?.mediaType ?? null,
    actor: hint?.actor ?? null,
    occurredAt: at,
    receivedAt: at,
    source: hint?.source ?? 'sweeper',
    sourceId: hint?.sourceId ?? `${name} ${at}`,
    claims: hint === null ? {} : { ...hint.claims, notifiedAt: hint.receivedAt },
  };
}
