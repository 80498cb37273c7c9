import { addMs } from '../instant.js';
import type { Digest } from '../names.js';
import { type Arising, type Incident, isSameIdentity } from './incident.js';

/** An incident that a violation may join, and which digests its members put under a tag. */
export type Candidate = {
  readonly incident: Pick<Incident, 'id' | 'openedAt' | 'lastAt' | 'identity'>;
  readonly digests: ReadonlySet<Digest>;
};

/** However long it goes on: after so many windows from the first violation, the next one is news again. */
const LONGEST_IN_WINDOWS = 6;

/**
 * The newest incident that a violation belongs to: of the same identity or with the same found digest, not yet lapsed. Null: it opens one.
 * A violation that happened before the incident was opened, and is told late, belongs to it within one window as well.
 */
export function chooseIncident<C extends Candidate>(
  candidates: readonly C[],
  violation: Arising,
  windowMs: number,
): C | null {
  const matching = candidates.filter((one) => isRelated(one, violation) && isLive(one, violation, windowMs));
  return matching.reduce<C | null>((newest, one) => (newest === null || isNewer(one, newest) ? one : newest), null);
}

const isRelated = ({ incident, digests }: Candidate, { foundDigest, ...identity }: Arising): boolean =>
  isSameIdentity(incident.identity, identity) || (foundDigest !== null && digests.has(foundDigest));

const isLive = ({ incident }: Candidate, { detectedAt }: Arising, windowMs: number): boolean =>
  detectedAt >= addMs(incident.openedAt, -windowMs) &&
  detectedAt <= addMs(incident.lastAt, windowMs) &&
  detectedAt < addMs(incident.openedAt, LONGEST_IN_WINDOWS * windowMs);

function isNewer({ incident: a }: Candidate, { incident: b }: Candidate): boolean {
  return a.openedAt === b.openedAt ? a.id > b.id : a.openedAt > b.openedAt;
}
