import { DomainError } from '#domain';

/** `WAIVER_UNKNOWN`: no waiver has this id. */
export class WaiverUnknownError extends DomainError {
  constructor(id: string) {
    super('WAIVER_UNKNOWN', `There is no waiver ${id}. Take its id from GET /api/v1/waivers.`);
  }
}

/** `WAIVER_TIMES_INVALID`: it would never permit anything, or for too long. */
export class WaiverTimesInvalidError extends DomainError {
  constructor(path: string, reason: string) {
    super('WAIVER_TIMES_INVALID', `${path}: ${reason}`);
  }
}

/** `WAIVER_NOT_APPROVABLE`: this person cannot approve it, or not any more. */
export class WaiverNotApprovableError extends DomainError {
  constructor(id: string, reason: string) {
    super('WAIVER_NOT_APPROVABLE', `The waiver ${id} cannot be approved: ${reason}`);
  }
}

/** `WAIVER_NOT_REVOCABLE`: it permits nothing any more. */
export class WaiverNotRevocableError extends DomainError {
  constructor(id: string, reason: string) {
    super('WAIVER_NOT_REVOCABLE', `The waiver ${id} cannot be revoked: ${reason}`);
  }
}
