import { z } from 'zod';
import type { AlertIncident, ViolationChangeNotice } from '#application';
import { type IncidentData, ViolationChange, ViolationChanged, type ViolationData } from '#contracts';
import {
  DomainError,
  type IncidentId,
  messageOf,
  parseDigest,
  parseInstant,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  type Violation,
  type ViolationId,
} from '#domain';

/** A message of `tagwarden.violations`. Throws `NOT_A_VIOLATION_CHANGE`, which no repetition mends: the bus dead-letters it. */
export function parseViolationChanged(value: Buffer): ViolationChangeNotice {
  try {
    const { id, type, time, quiet, data } = ViolationChanged.parse(JSON.parse(value.toString('utf8')));
    const change = ViolationChange.parse(type.slice('tagwarden.violation.'.length));
    const { incident, ...violation } = data;
    return {
      id,
      change,
      at: parseInstant(time),
      violation: toViolation(violation),
      isQuiet: quiet,
      incident: incident === null ? null : toIncident(incident),
    };
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new DomainError('NOT_A_VIOLATION_CHANGE', `The message is not a violation's change: ${reason}`, {
      cause: error,
    });
  }
}

function toIncident({ id, members, since, isMixed, page }: IncidentData): AlertIncident {
  const told = page ?? { page: 0, earlier: [] };
  return { id: id as IncidentId, members, since: parseInstant(since), isMixed, ...told };
}

function toViolation(data: Omit<ViolationData, 'incident'>): Violation {
  return {
    ...data,
    id: data.id as ViolationId,
    registry: parseRegistryName(data.registry),
    repository: parseRepositoryName(data.repository),
    tag: parseTagName(data.tag),
    sealedDigest: parseDigest(data.sealedDigest),
    foundDigest: data.foundDigest === null ? null : parseDigest(data.foundDigest),
    detectedAt: parseInstant(data.detectedAt),
    restoredAt: data.restoredAt === null ? null : parseInstant(data.restoredAt),
  };
}
