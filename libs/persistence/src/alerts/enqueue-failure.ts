import { QueryFailedError } from 'typeorm';
import { DomainError, messageOf } from '#domain';

/** SQLSTATE classes 22 (data exception, such as a NUL in a text) and 23 (integrity): the same row fails for ever. */
const UNSTORABLE = /^2[23]/;

/** Tells the bus whether to hand the batch over again or to look for the record that is bad. */
export function enqueueFailure(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  const { code = '' } = error instanceof QueryFailedError ? (error.driverError as { code?: string }) : {};
  if (UNSTORABLE.test(code)) {
    return new DomainError('ALERT_NOT_STORABLE', `The database can't keep this alert: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  return new DomainError('ALERTS_NOT_STORED', `Alerts could not be kept for delivery: ${messageOf(error)}.`, {
    cause: error,
    retriable: true,
  });
}
