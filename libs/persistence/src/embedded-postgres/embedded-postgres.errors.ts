import { DomainError } from '#domain';

export type EmbeddedPostgresErrorCode =
  /** No PostgreSQL binaries for this machine, or they cannot run here. */
  | 'EMBEDDED_POSTGRES_UNAVAILABLE'
  /** Another live process holds the data folder. */
  | 'EMBEDDED_POSTGRES_IN_USE'
  /** The data folder is not in a state that we may touch: another version, lost passwords, out of reach. */
  | 'EMBEDDED_POSTGRES_BAD_DATA'
  /** The server did not start or stop; the message ends with what it said. */
  | 'EMBEDDED_POSTGRES_FAILED';

export class EmbeddedPostgresError extends DomainError {
  declare readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(code, message, options);
  }
}
