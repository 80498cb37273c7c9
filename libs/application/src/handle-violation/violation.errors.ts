import { type Digest, DomainError, explainRevocation, formatTagRef, type Revocation, type TagRef } from '#domain';

/** `VIOLATION_UNKNOWN`: no violation has this id. */
export class ViolationUnknownError extends DomainError {
  constructor(id: string) {
    super('VIOLATION_UNKNOWN', `There is no violation ${id}. Take its id from GET /api/v1/violations.`);
  }
}

/** `VIOLATION_NOT_RESTORABLE`: there is nothing to put back any more, or nothing may be. */
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

/** `DIGEST_REVOKED`: people have found the digest to be bad; it is neither put back nor accepted. */
export class DigestRevokedError extends DomainError {
  constructor(digest: Digest, revocation: Revocation, advice: string) {
    super('DIGEST_REVOKED', `${explainRevocation(digest, revocation)} ${advice}`);
  }
}

/** `DIGEST_ALREADY_REVOKED`: it was revoked before. */
export class DigestAlreadyRevokedError extends DomainError {
  constructor(digest: Digest) {
    super('DIGEST_ALREADY_REVOKED', `The digest ${digest} is revoked already: see GET /api/v1/revocations.`);
  }
}

/** `REVOCATION_UNKNOWN`: the digest is not revoked. */
export class RevocationUnknownError extends DomainError {
  constructor(digest: Digest) {
    super('REVOCATION_UNKNOWN', `The digest ${digest} is not revoked. GET /api/v1/revocations lists those that are.`);
  }
}

/** `BREAKER_UNKNOWN`: no tripped breaker has this id. */
export class BreakerUnknownError extends DomainError {
  constructor(id: string) {
    super('BREAKER_UNKNOWN', `No breaker ${id} is tripped. Take its id from GET /api/v1/breakers.`);
  }
}
