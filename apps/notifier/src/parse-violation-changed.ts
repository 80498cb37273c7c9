import { z } from 'zod';
import type { ViolationChangeNotice } from '#application';
import { ViolationChange, ViolationChanged, type ViolationData } from '#contracts';
import {
  DomainError,
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
    const { id, type, time, data } = ViolationChanged.parse(JSON.parse(value.toString('utf8')));
    const change = ViolationChange.parse(type.slice('tagwarden.violation.'.length));
    return { id, change, at: parseInstant(time), violation: toViolation(data) };
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new DomainError('NOT_A_VIOLATION_CHANGE', `The message is not a violation's change: ${reason}`, {
      cause: error,
    });
  }
}

function toViolation(data: ViolationData): Violation {
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
