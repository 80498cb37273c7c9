import { DomainError, formatTagRef, type TagRef } from '#domain';

/** `VIOLATION_UNKNOWN`: no violation has this id. */
export class ViolationUnknownError extends DomainError {
  constructor(id: string) {
    super('VIOLATION_UNKNOWN', `There is no violation ${id}. Take its id from GET /api/v1/violations.`);
  }
}

/** `VIOLATION_NOT_RESTORABLE`: there is nothing to put back any more. */
export class ViolationNotRestorableError extends DomainError {
  constructor(ref: TagRef, reason: string) {
    super('VIOLATION_NOT_RESTORABLE', `${formatTagRef(ref)} cannot be restored for this violation: ${reason}`);
  }
}

/** `VIOLATION_NOT_ACCEPTABLE`: the found digest cannot become the seal. */
export class ViolationNotAcceptableError extends DomainError {
  constructor(ref: TagRef, reason: string) {
    super('VIOLATION_NOT_ACCEPTABLE', `What was found at ${formatTagRef(ref)} cannot be accepted: ${reason}`);
  }
}
